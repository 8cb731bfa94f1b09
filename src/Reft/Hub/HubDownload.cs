using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Reft.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's path in the repository.</param>
/// <param name="Done">Bytes of all files that are here.</param>
/// <param name="All">Bytes of all files.</param>
internal readonly record struct HubProgress(string File, long Done, long All);

/// <summary>
/// Downloads a file into its blob. What is received lies in <c>HASH.incomplete</c>, as Hugging Face's programs have it, and is gone on from
/// there by a range; the blob appears when size and hash are right, and not before.
/// </summary>
internal sealed class HubDownload(HubHttp http, HubSettings settings, HubAddress address)
{
    private const int BufferBytes = 1 << 17;
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(1);

    /// <summary>Downloads a file unless its blob is there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="uri">Where the hub has it.</param>
    /// <param name="blob">Where to.</param>
    /// <param name="progress">Told how many bytes of it are here.</param>
    /// <param name="cancellation">Stops; what was received stays.</param>
    /// <exception cref="InputException">It cannot be had, or its bytes are wrong.</exception>
    public async Task FetchAsync(HubFile file, Uri uri, string blob, Action<long> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!); // A blob lies in a folder.
        var part = blob + ".incomplete";
        await using var stream = await OpenAloneAsync(part, cancellation).ConfigureAwait(false);
        if (IsThere(file, blob))
        {
            File.Delete(part); // Another process was faster.
            return;
        }

        using var received = new Received(file, stream);
        await received.HashAgainAsync(cancellation).ConfigureAwait(false);
        var wasBegun = stream.Length > 0;
        await DownloadAsync().ConfigureAwait(false);
        if (!received.IsRight && wasBegun)
        {
            // What lay there may have been of another file, or damaged: once from the first byte.
            received.Restart();
            await DownloadAsync().ConfigureAwait(false);
        }

        if (!received.IsRight)
        {
            received.Restart();
            throw new InputException(
                $"{address}: {OneLine.Of(file.Path)} was received with other bytes than the hub says (hash {received.Digest}, not {file.Digest}); "
                + "nothing of it was kept: try again, or see who stands between you and the hub");
        }

        stream.Flush(flushToDisk: true);
        if (OperatingSystem.IsWindows())
        {
            await stream.DisposeAsync().ConfigureAwait(false); // There a file that is open cannot be renamed.
        }

        File.Move(part, blob, overwrite: true);

        Task<bool> DownloadAsync() => http.TryAsync(
            $"{address}: {OneLine.Of(file.Path)}", () => ReceiveAsync(file, uri, received, progress, cancellation), cancellation);
    }

    /// <summary>Whether a blob is there whole.</summary>
    public static bool IsThere(HubFile file, string blob) => new FileInfo(blob) is { Exists: true } info && info.Length == file.Size;

    /// <summary>Whether a blob's bytes have the hash that it is named by.</summary>
    public static async Task<bool> IsRightAsync(HubFile file, string blob, CancellationToken cancellation)
    {
        await using var stream = new FileStream(blob, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using var received = new Received(file, stream);
        await received.HashAgainAsync(cancellation).ConfigureAwait(false);
        return received.IsRight;
    }

    private async Task<bool> ReceiveAsync(HubFile file, Uri uri, Received received, Action<long> progress, CancellationToken cancellation)
    {
        var before = received.Length;
        if (before == file.Size)
        {
            return true;
        }

        using var response = await http.GetAsync(uri, before, address, cancellation).ConfigureAwait(false);
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (response.StatusCode == HttpStatusCode.PartialContent && range?.From != before))
        {
            received.Restart();
            throw new HubFault("the hub sends another part than it was asked for");
        }

        if (response.StatusCode != HttpStatusCode.PartialContent && before > 0)
        {
            received.Restart(); // It sends the whole file.
        }

        var buffer = new byte[BufferBytes];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            while (await ReadAsync(body, buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
            {
                if (received.Length + count > file.Size)
                {
                    received.Restart();
                    throw new InputException(
                        $"{address}: {OneLine.Of(file.Path)} is longer than the {file.Size} bytes that the hub says; nothing of it was kept");
                }

                await WriteAsync(received, buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                progress(received.Length);
            }
        }
        catch (Exception error) when (HubHttp.IsLost(error, cancellation))
        {
            throw new HubFault(
                string.Create(CultureInfo.InvariantCulture, $"the connection was lost after {received.Length} of {file.Size} bytes"), inner: error)
            {
                Progressed = received.Length > before,
            };
        }

        return received.Length == file.Size ? true : throw new HubFault(
            string.Create(CultureInfo.InvariantCulture, $"the hub sent {received.Length} of {file.Size} bytes"))
        {
            Progressed = received.Length > before,
        };
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(settings.Patience);
        return await body.ReadAsync(buffer, timer.Token).ConfigureAwait(false);
    }

    /// <summary>A disk that is full is no lost connection: it is not tried again.</summary>
    private async Task WriteAsync(Received received, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await received.AddAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (WriteFault.Is(error))
        {
            throw new InputException($"{address}: cannot be written under {settings.Cache} ({OneLine.Of(error.Message)}); see HF_HOME", error);
        }
    }

    /// <summary>Opens a file that no other process has open; waits for the one that has.</summary>
    private static async Task<FileStream> OpenAloneAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, BufferBytes, useAsync: true);
            }
            catch (IOException) when (File.Exists(path) && !Directory.Exists(path))
            {
                await Task.Delay(_turn, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The bytes of a file that are here, and their hash.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "Git's name of a blob; large files have SHA-256.")]
    private sealed class Received(HubFile file, FileStream stream) : IDisposable
    {
        private IncrementalHash _hash = New(file);

        public long Length => stream.Length;

        /// <summary>The hash of what is here, once <see cref="IsRight"/> was asked.</summary>
        public string Digest { get; private set; } = "";

        public bool IsRight => (Digest = Convert.ToHexStringLower(_hash.GetCurrentHash())) == file.Digest && stream.Length == file.Size;

        /// <summary>Hashes what an earlier process left.</summary>
        public async Task HashAgainAsync(CancellationToken cancellation)
        {
            if (stream.Length > file.Size)
            {
                Restart();
            }

            stream.Position = 0;
            var buffer = new byte[BufferBytes];
            while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
            {
                _hash.AppendData(buffer, 0, count);
            }
        }

        public async Task AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            await stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
            await stream.FlushAsync(cancellation).ConfigureAwait(false);
            _hash.AppendData(bytes.Span);
        }

        public void Restart()
        {
            stream.SetLength(0);
            stream.Position = 0;
            _hash.Dispose();
            _hash = New(file);
        }

        public void Dispose() => _hash.Dispose();

        private static IncrementalHash New(HubFile file)
        {
            var hash = IncrementalHash.CreateHash(file.IsLarge ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
            if (!file.IsLarge)
            {
                hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Size}\0")));
            }

            return hash;
        }
    }
}
