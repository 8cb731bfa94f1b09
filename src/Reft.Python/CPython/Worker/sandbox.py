"""Part 1 of the worker: leaves the host. Namespaces, a root of its own with little in it, no way back."""
import ctypes
import errno
import os
import re
import resource
import signal
import site
import sys
import sysconfig

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_NOATIME, MS_NODIRATIME, MS_REC, MS_PRIVATE, MS_RELATIME = 1024, 2048, 16384, 1 << 18, 1 << 21
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 24, 36
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
SCRATCH = "/tmp"
STAGE = "/tmp"

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """Isolation cannot be had; the text says which step failed."""


def must(result, step):
    """The result of a C call, or Refused with the step's name and the system's reason."""
    if result < 0:
        raise Refused("%s: %s" % (step, os.strerror(ctypes.get_errno())))
    return result


def mount(source, target, kind, flags, data, step):
    encode = lambda text: None if text is None else os.fsencode(text)
    must(libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data)), step)


def pivot_root(new, old):
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise Refused("pivot_root: not known for processor " + os.uname().machine)
    must(libc.syscall(number, os.fsencode(new), os.fsencode(old)), "pivot_root")


def spare(path):
    """An id of the host, used by nobody, for programs to run under; None where there is only one id."""
    first, count = 0, 0
    with open(path) as lines:
        for line in lines:
            inside, _, size = map(int, line.split())
            if size > count:
                first, count = inside, size
    if count > 2100000000:
        return 2000000000 + os.getpid()
    return first + count - 1 if count > 1 else None


def map_ids_from_outside(owner, ids):
    """As root: a helper in the parent namespace maps root to root and a spare id to 1. Call the result when unshared."""
    ready, go = os.pipe()
    helper = os.fork()
    if helper == 0:
        try:
            os.close(go)
            if os.read(ready, 1):
                for kind, (own, other) in ids.items():
                    with open("/proc/%d/%s_map" % (owner, kind), "w") as table:
                        table.write("0 %d 1\n1 %d 1\n" % (own, other))
                os._exit(0)
        except OSError as error:
            os._exit(error.errno or 1)
        finally:
            os._exit(1)
    os.close(ready)

    def finish():
        os.write(go, b"x")
        os.close(go)
        code = os.WEXITSTATUS(os.waitpid(helper, 0)[1])
        if code:
            raise Refused("mapping user ids: " + os.strerror(code))

    return finish


def map_own_ids():
    for name, text in (("setgroups", "deny"), ("uid_map", "0 %d 1"), ("gid_map", "0 %d 1")):
        number = OWN_IDS[1] if name == "gid_map" else OWN_IDS[0]
        try:
            with open("/proc/self/" + name, "w") as table:
                table.write(text % number if "%" in text else text)
        except OSError as error:
            raise Refused("mapping user ids: " + error.strerror)


OWN_IDS = (os.geteuid(), os.getegid())


def unshare_all():
    """New namespaces of every kind. True where programs get a user id of their own."""
    others = None
    if OWN_IDS[0] == 0:
        others = (spare("/proc/self/uid_map"), spare("/proc/self/gid_map"))
    both = others is not None and None not in others
    finish = map_ids_from_outside(
        os.getpid(), {"uid": (0, others[0]), "gid": (OWN_IDS[1], others[1])}) if both else map_own_ids
    every = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP
    must(libc.unshare(every), "creating user namespaces")
    finish()
    return both


def needed_paths():
    """What Python reads: its libraries and the system's. Folders named in .pth files are left out."""
    prefixes = [os.path.realpath(p) + "/" for p in {sys.prefix, sys.base_prefix}]
    wanted = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"]
    wanted += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += site.getsitepackages()
    with open("/proc/self/maps") as maps:
        for line in maps:
            path = line.split(None, 5)[-1].strip()
            if ".so" in path and any(path.startswith(p) for p in prefixes):
                wanted.append(os.path.dirname(path))
    return [path for path in dict.fromkeys(wanted) if path and os.path.isdir(path)]


def bind_needed(paths, old, new):
    bound = []
    real = {path: os.path.realpath(path) for path in paths}
    for path in sorted(set(real.values()), key=len):
        if not any(path == b or path.startswith(b + "/") for b in bound):
            os.makedirs(new + path, exist_ok=True)
            mount(old + path, new + path, None, MS_BIND | MS_REC, None, "binding " + path)
            bound.append(path)
    for path, target in real.items():
        if path != target and not os.path.lexists(new + path):
            os.makedirs(os.path.dirname(new + path), exist_ok=True)
            os.symlink(target, new + path)


def make_read_only(old, new):
    """Remounts every mount below the new root: read-only, and keeping the flags that the host has locked."""
    names = {"noexec": MS_NOEXEC, "noatime": MS_NOATIME, "nodiratime": MS_NODIRATIME, "relatime": MS_RELATIME}
    with open(old + "/proc/self/mountinfo") as lines:
        points = [line.split()[4:6] for line in lines]
    for point, options in points:
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal.group(1), 8)), point)
        if point == new or point.startswith(new + "/"):
            flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV
            for option in options.split(","):
                flags |= names.get(option, 0)
            mount(None, point, None, flags, None, "making %s read-only" % point[len(new):])


def new_scratch(settings):
    data = "size=%d,nr_inodes=1024,mode=1777" % settings["scratch"]
    mount("tmpfs", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, data, "mounting the scratch folder")


def leave_host(settings):
    """As process 1 of the new namespaces: builds the new root and forgets the old one."""
    paths = needed_paths()
    mount(None, "/", None, MS_REC | MS_PRIVATE, None, "making mounts private")
    mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755", "mounting a root")
    os.chdir(STAGE)
    os.mkdir("old")
    os.mkdir("new")
    pivot_root(".", "old")
    os.chdir("/")
    mount("tmpfs", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1024,mode=755", "mounting a root")
    os.mkdir("/new" + SCRATCH)
    bind_needed(paths, "/old", "/new")
    make_read_only("/old", "/new")
    settings["statm"] = os.open("/old/proc/self/statm", os.O_RDONLY)
    settings["pids"] = os.open("/old/proc/self/ns/pid", os.O_RDONLY)
    try:
        with open("/old/proc/sys/user/max_user_namespaces", "w") as limit:
            limit.write("0")
    except OSError:
        pass  # seccomp refuses them as well, and the self-test tries.
    os.chdir("/new")
    pivot_root(".", ".")
    must(libc.umount2(b".", MNT_DETACH), "forgetting the old root")
    os.chdir("/")
    new_scratch(settings)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break


def enter(settings):
    """Only process 1 of the new namespaces returns. The outer process waits for it, and takes it along when it dies."""
    settings["own_user"] = unshare_all()
    inner = os.fork()
    if inner == 0:
        must(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "tying to the parent")
        leave_host(settings)
        return
    for fd in (0, 1):
        os.close(fd)
    os.waitpid(inner, 0)
    os._exit(0)
