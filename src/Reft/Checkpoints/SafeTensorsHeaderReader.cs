using System.Text;
using System.Text.Json;

namespace Reft.Checkpoints;

/// <summary>Reads the JSON of one safetensors header, checking each entry by itself.</summary>
internal ref struct SafeTensorsHeaderReader
{
    private readonly string _path;
    private readonly long _dataLength;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafeTensorsEntry> _entries = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;

    public SafeTensorsHeaderReader(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        _path = path;
        _dataLength = dataLength;
        _json = new Utf8JsonReader(json);
    }

    /// <summary>The notes under <c>__metadata__</c>, once read.</summary>
    public readonly IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors, once read, in the order of the header.</summary>
    public readonly IReadOnlyCollection<SafeTensorsEntry> Entries => _entries.Values;

    /// <summary>Reads the whole header; malformed JSON is a <see cref="JsonException"/>.</summary>
    public void Read()
    {
        var sawMetadata = false;
        _json.Read();
        while (NextKey("the header") is { } name)
        {
            if (name == SafeTensorsHeader.MetadataKey)
            {
                Require(!sawMetadata, $"'{name}' appears twice in the header");
                sawMetadata = true;
                ReadMetadata();
            }
            else
            {
                Require(!_entries.ContainsKey(name), $"{OneLine.Quote(name)} appears twice in the header");
                _entries.Add(name, ReadEntry(name));
            }
        }

        _json.Read(); // only white space may follow: anything else is a JsonException
    }

    private void ReadMetadata()
    {
        if (_json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        const string What = $"'{SafeTensorsHeader.MetadataKey}'";
        RequireToken(JsonTokenType.StartObject, What, "an object of strings");
        while (NextKey(What) is { } key)
        {
            var note = $"{OneLine.Quote(key)} of {What}";
            RequireToken(JsonTokenType.String, note, "a string");
            Require(_metadata.TryAdd(key, Text(note)), $"{note} appears twice");
        }
    }

    private SafeTensorsEntry ReadEntry(string name)
    {
        var tensor = OneLine.Quote(name);
        RequireToken(JsonTokenType.StartObject, tensor, "an object with dtype, shape and data_offsets");
        SafeTensorsDtype? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (NextKey(tensor) is { } key)
        {
            switch (key)
            {
                case "dtype":
                    Require(dtype is null, $"{tensor} has two dtypes");
                    dtype = ReadDtype(tensor);
                    break;
                case "shape":
                    Require(shape is null, $"{tensor} has two shapes");
                    shape = ReadIntegers($"the shape of {tensor}");
                    break;
                case "data_offsets":
                    Require(offsets is null, $"{tensor} has two data_offsets");
                    offsets = ReadIntegers($"data_offsets of {tensor}");
                    break;
                default:
                    _json.Skip(); // the format's own reader lets extra keys pass
                    break;
            }
        }

        return Checked(tensor, name, Present(dtype, tensor, "dtype"), shape, offsets);
    }

    private readonly SafeTensorsEntry Checked(
        string tensor, string name, SafeTensorsDtype dtype, long[]? shape, long[]? offsets)
    {
        Require(shape is not null, $"{tensor} lacks 'shape'");
        Require(offsets is not null, $"{tensor} lacks 'data_offsets'");
        Require(offsets!.Length == 2, $"data_offsets of {tensor} holds {offsets.Length} numbers where two are needed");
        var (begin, end) = (offsets[0], offsets[1]);
        Require(begin <= end, $"data_offsets of {tensor} run backwards, from {begin} to {end}");
        Require(
            end <= _dataLength,
            $"{tensor} ends at byte {end} of the data, but the file holds only {_dataLength} bytes of it");

        var spelled = $"{dtype.Name()} [{OneLine.Of(string.Join(", ", shape!), 120)}]";
        var length = dtype.ByteLength(shape);
        Require(length is not null, $"the size of {tensor}, {spelled}, overflows or is not a whole number of bytes");
        Require(
            length == end - begin,
            $"{tensor} is {spelled} and needs {length} bytes, but data_offsets {begin} to {end} hold {end - begin}");
        return new SafeTensorsEntry(name, dtype, shape!, begin, end);
    }

    private readonly SafeTensorsDtype ReadDtype(string tensor)
    {
        RequireToken(JsonTokenType.String, $"the dtype of {tensor}", "a string");
        var name = Text($"the dtype of {tensor}");
        if (!SafeTensorsDtypes.TryParse(name, out var dtype))
        {
            throw new InputException(
                $"{OneLine.Of(_path)}: the dtype of {tensor} is {OneLine.Quote(name)}, which safetensors lacks; "
                + $"convert the tensor to one of {SafeTensorsDtypes.KnownNames}");
        }

        return dtype;
    }

    private long[] ReadIntegers(string what)
    {
        RequireToken(JsonTokenType.StartArray, what, "a list of whole numbers");
        var numbers = new List<long>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out var number) || number < 0)
            {
                var found = _json.TokenType == JsonTokenType.Number
                    ? OneLine.Of(Encoding.UTF8.GetString(_json.ValueSpan), 40)
                    : $"a JSON {Kind(_json.TokenType)}";
                throw SafeTensorsHeader.Damaged(
                    _path, $"{what} holds {found} where a whole number from 0 to 2^63 - 1 is needed");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    // The next key of the object that the reader is in, with the reader on its value; null at the object's end.
    private string? NextKey(string what)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var key = Text($"a key of {what}");
        _json.Read();
        return key;
    }

    private readonly string Text(string what)
    {
        try
        {
            return _json.GetString()!; // the callers have seen a string or a key here
        }
        catch (InvalidOperationException error)
        {
            var damaged = SafeTensorsHeader.Damaged(_path, $"{what} escapes half of a surrogate pair");
            throw new InputException(damaged.Message, error);
        }
    }

    private readonly T Present<T>(T? value, string tensor, string key)
        where T : struct
    {
        Require(value is not null, $"{tensor} lacks '{key}'");
        return value!.Value;
    }

    private readonly void RequireToken(JsonTokenType wanted, string what, string description) =>
        Require(_json.TokenType == wanted, $"{what} is a JSON {Kind(_json.TokenType)} where {description} is needed");

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "list",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };

    private readonly void Require(bool holds, string finding)
    {
        if (!holds)
        {
            throw SafeTensorsHeader.Damaged(_path, finding);
        }
    }
}
