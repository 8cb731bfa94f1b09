using System.Buffers.Binary;
using System.Text;

namespace Reft.Runtime;

/// <summary>The few parts of a 64-bit little-endian ELF library that the compatibility copy changes.</summary>
internal sealed class ElfImage
{
    private const uint SectionDynamicSymbols = 11;
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const uint SectionSymbolVersions = 0x6fffffff;
    private const int SymbolSize = 24;
    private const ushort WeakVersion = 2;
    private const ushort UnversionedGlobal = 1;

    private readonly Section _symbols;
    private readonly Section _strings;
    private readonly Section _needs;
    private readonly Section _versions;

    private ElfImage(Section symbols, Section strings, Section needs, Section versions)
    {
        _symbols = symbols;
        _strings = strings;
        _needs = needs;
        _versions = versions;
    }

    /// <summary>Reads the section table; null if this is no such library or a section is missing.</summary>
    public static ElfImage? TryRead(ReadOnlySpan<byte> image)
    {
        if (image.Length < 64 || !image[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            return null;
        }

        var table = (long)BinaryPrimitives.ReadUInt64LittleEndian(image[0x28..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3a..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3c..]);
        if (table < 0 || size < 64 || table > image.Length - ((long)size * count))
        {
            return null;
        }

        var sections = new Section[count];
        for (var i = 0; i < count; i++)
        {
            if (Section.TryRead(image[(int)(table + ((long)i * size))..], image.Length) is not { } section)
            {
                return null;
            }

            sections[i] = section;
        }

        var symbols = Array.Find(sections, s => s.Type == SectionDynamicSymbols);
        var needs = Array.Find(sections, s => s.Type == SectionVersionNeeds);
        var versions = Array.Find(sections, s => s.Type == SectionSymbolVersions);
        return symbols is null || needs is null || versions is null || symbols.Link >= (uint)count
            ? null
            : new ElfImage(symbols, sections[symbols.Link], needs, versions);
    }

    /// <summary>Where a zero-terminated string that ends in <paramref name="tail"/> holds it; null if nowhere.</summary>
    public uint? FindStringTail(ReadOnlySpan<byte> image, string tail)
    {
        var at = Strings(image).IndexOf(Encoding.ASCII.GetBytes(tail + "\0"));
        return at < 0 ? null : (uint)at;
    }

    /// <summary>Sets the weak flag on every need of the version; false if nothing needs it.</summary>
    public bool MakeVersionWeak(Span<byte> image, string version)
    {
        var found = false;
        var need = _needs.Offset;
        while (true)
        {
            var entry = image[need..];
            var aux = checked(need + (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
            for (var left = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]); left > 0; left--)
            {
                var name = BinaryPrimitives.ReadUInt32LittleEndian(image[aux..][8..]);
                if (StringAt(image, name) == version)
                {
                    var flags = BinaryPrimitives.ReadUInt16LittleEndian(image[(aux + 4)..]);
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(aux + 4)..], (ushort)(flags | WeakVersion));
                    found = true;
                }

                aux = checked(aux + (int)BinaryPrimitives.ReadUInt32LittleEndian(image[aux..][12..]));
            }

            var step = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            if (step == 0)
            {
                return found;
            }

            need = checked(need + (int)step); // Steps go forward only, so this ends.
        }
    }

    /// <summary>Gives an undefined symbol another name, without a version; false if it is not there.</summary>
    public bool RenameUndefinedSymbol(Span<byte> image, string symbol, uint newName)
    {
        for (var i = 0; i < _symbols.Length / SymbolSize; i++)
        {
            var entry = image[(_symbols.Offset + (i * SymbolSize))..];
            var name = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            var section = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]);
            if (section == 0 && StringAt(image, name) == symbol)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(entry, newName);
                BinaryPrimitives.WriteUInt16LittleEndian(image[(_versions.Offset + (2 * i))..], UnversionedGlobal);
                return true;
            }
        }

        return false;
    }

    /// <summary>The names that the library needs of others, but for those that it can do without.</summary>
    public IReadOnlyList<string> UndefinedSymbols(ReadOnlySpan<byte> image)
    {
        const int WeakBinding = 2;
        var names = new List<string>();
        for (var i = 0; i < _symbols.Length / SymbolSize; i++)
        {
            var entry = image[(_symbols.Offset + (i * SymbolSize))..];
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) == 0 && entry[4] >> 4 != WeakBinding)
            {
                names.Add(StringAt(image, BinaryPrimitives.ReadUInt32LittleEndian(entry)));
            }
        }

        return names;
    }

    private ReadOnlySpan<byte> Strings(ReadOnlySpan<byte> image) => image.Slice(_strings.Offset, _strings.Length);

    private string StringAt(ReadOnlySpan<byte> image, uint offset)
    {
        var rest = Strings(image)[checked((int)offset)..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private sealed record Section(uint Type, int Offset, int Length, uint Link)
    {
        private const uint WithoutBytes = 8;

        /// <summary>Reads a section's header; null if the section lies outside the file.</summary>
        public static Section? TryRead(ReadOnlySpan<byte> header, int fileLength)
        {
            var type = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]);
            var link = BinaryPrimitives.ReadUInt32LittleEndian(header[0x28..]);
            if (type == WithoutBytes)
            {
                return new Section(type, 0, 0, link);
            }

            return offset > (ulong)fileLength || length > (ulong)fileLength - offset
                ? null
                : new Section(type, (int)offset, (int)length, link);
        }
    }
}
