"""Part 3 of the worker: serves programs one at a time, each in a child that is dead when its reply is sent."""
import gc
import select
import shutil
import tempfile
import time

WARM = ("bisect cmath collections copy dataclasses datetime enum functools heapq itertools math operator statistics "
        "string textwrap typing").split()


def read_exactly(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            os._exit(0)  # Whoever asked is gone.
        data += part
    return data


def send(head, result=b"", output=b""):
    data = b""
    for part in (json.dumps(head).encode(), result, output):
        data += struct.pack("<I", len(part)) + part
    while data:
        data = data[os.write(1, data):]


def warm():
    for name in WARM:
        __import__(name)
    try:
        import sympy
        x = sympy.Symbol("x")  # The first call loads what later ones use.
        sympy.solve(sympy.Eq(x ** 2, 4), x), sympy.simplify(sympy.sqrt(8) + x - x), float(sympy.Rational(1, 3))
    except ImportError:
        pass
    gc.collect()
    gc.freeze()


def children():
    """The processes whose parent is this one; only used without namespaces."""
    own, found = str(os.getpid()), []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name) as stat:
                    if stat.read().rpartition(")")[2].split()[1] == own:
                        found.append(int(name))
            except OSError:
                pass
    return found


def start(settings, request, result, output):
    request["held"] = int(os.pread(settings["statm"], 64, 0).split()[0]) * resource.getpagesize()
    if settings["isolate"]:
        # Only the next child is in the new namespace: it is process 1 there, and with it all others end.
        must(libc.unshare(CLONE_NEWPID), "a process namespace")
    pid = os.fork()
    if pid == 0:
        live(settings, request, result, output)
    if settings["isolate"]:
        must(libc.setns(settings["pids"], CLONE_NEWPID), "leaving a process namespace")
    return pid


def end(settings, pid):
    """Kills the child and everything it started; returns how it had ended, which is SIGKILL if it had not."""
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    while not settings["isolate"]:
        for other in children():
            os.kill(other, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    return status


class Listener:
    """Reads what a child says until it has a whole result, says too much, is gone, or is late."""

    def __init__(self, request, result, output):
        self.result, self.output = bytearray(), bytearray()
        self.characters, self.most = 0, request["output"]
        self.open = {result: self.result, output: self.output}
        self.result_pipe, self.output_pipe = result, output

    def read(self, pipe):
        data = os.read(pipe, 65536)
        if not data:
            del self.open[pipe]
        elif pipe == self.result_pipe:
            self.result += data
        elif self.characters <= self.most:
            # Every byte but UTF-8's continuation bytes begins a character.
            self.characters += len(data.translate(None, bytes(range(0x80, 0xC0))))
            self.output += data
        return len(data)

    def verdict(self):
        if self.characters > self.most:
            return "output"
        if len(self.result) >= 4:
            size = struct.unpack("<I", self.result[:4])[0]
            if size > MAX_RESULT or len(self.result) > size + 4:
                return "malformed"
            if len(self.result) == size + 4:
                return "done"
        return None if self.result_pipe in self.open else "died"

    def listen(self, until):
        poller = select.poll()
        for pipe in [0, *self.open]:
            poller.register(pipe, select.POLLIN)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return "timeout"
            for pipe, _ in poller.poll(min(left, 3600) * 1000 + 1):
                if pipe == 0:
                    os._exit(0)  # Nothing is sent while a program runs: whoever asked is gone.
                if not self.read(pipe):
                    poller.unregister(pipe)
            said = self.verdict()
            if said is not None:
                return said

    def drain(self):
        """What was still in the output pipe when the child ended."""
        os.set_blocking(self.output_pipe, False)
        try:
            while self.output_pipe in self.open and self.characters <= self.most:
                self.read(self.output_pipe)
        except BlockingIOError:
            pass


def run(settings, request):
    pipes = [*os.pipe(), *os.pipe()]
    if not settings["isolate"]:
        request["scratch"] = tempfile.mkdtemp(dir=settings["folder"])
    try:
        until = time.monotonic() + request["deadline"]
        pid = start(settings, request, pipes[1], pipes[3])
        os.close(pipes.pop(3))
        os.close(pipes.pop(1))
        listener = Listener(request, pipes[0], pipes[1])
        said = listener.listen(until)
        status = end(settings, pid)
        listener.drain()
        if said == "done":
            said = listener.verdict()
        send({"said": said, "status": status}, bytes(listener.result[4:]), bytes(listener.output))
    finally:
        for pipe in pipes:
            os.close(pipe)
        if settings["isolate"]:
            must(libc.umount2(os.fsencode(SCRATCH), MNT_DETACH), "dropping the scratch folder")
            new_scratch(settings)
        else:
            shutil.rmtree(request["scratch"], ignore_errors=True)


def prepare(settings):
    """All that is done once, before the first program."""
    os.setsid()
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("900")
    settings["null"] = os.open("/dev/null", os.O_RDWR)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(settings["files"], hard),) * 2)
    settings["own_user"], settings["others"] = False, 2
    if settings["isolate"]:
        enter(settings)
    else:
        must(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "adopting orphans")
        settings["statm"] = os.open("/proc/self/statm", os.O_RDONLY)
        settings["others"] = sum(
            len(os.listdir("/proc/%s/task" % name)) for name in os.listdir("/proc")
            if name.isdigit() and os.path.isdir("/proc/" + name) and os.stat("/proc/" + name).st_uid == OWN_IDS[0])
    settings["filter"] = seccomp_filter(settings["isolate"])
    os.environ.clear()
    os.environ.update(HOME=SCRATCH, TMPDIR=SCRATCH, LANG="C.UTF-8", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    sys.path = [path for path in sys.path if path.startswith("/") and os.path.exists(path)]
    sys.argv = [""]
    open_streams()
    warm()


def serve(settings):
    try:
        prepare(settings)
    except (Refused, OSError) as error:
        send({"refused": str(error)})
        os._exit(1)
    send({"ready": True, "seccomp": settings["filter"] is not None})
    while True:
        size = struct.unpack("<I", read_exactly(4))[0]
        run(settings, json.loads(read_exactly(size).decode()))


serve(json.loads(sys.argv[1]))
