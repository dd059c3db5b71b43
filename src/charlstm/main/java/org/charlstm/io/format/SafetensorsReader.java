package org.charlstm.io.format;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.base.RegularFile;
import org.charlstm.base.UntrustedJson;
import org.charlstm.io.format.Safetensors.Header;
import org.charlstm.io.format.Safetensors.Header.Entry;
import org.charlstm.nn.Tensor;
import org.jspecify.annotations.Nullable;

/** Reads one safetensors file. It checks sizes, offsets and shapes before it allocates memory for them. */
record SafetensorsReader(Path file) {
    /** The longest header that the format's own reader accepts. */
    private static final long MAX_HEADER = 100_000_000;
    /** A limit far above the number of tensors in any model. */
    private static final int MAX_TENSORS = 10_000;
    private static final int MAX_DIMENSIONS = 16;
    /** A limit on the JSON values that describe a tensor: its type, dimensions and two offsets, with a few to spare. */
    private static final int MAX_VALUES = 8 + MAX_DIMENSIONS;
    private static final int MAX_METADATA = 1000;

    private static final String NO_OBJECT = "not one object";

    private interface Reading<T> {
        T of(FileChannel channel) throws IOException;
    }

    Safetensors read() {
        return opened(channel -> {
            Header header = header(channel);
            // Every type is checked before memory is allocated for any tensor.
            header.tensors().forEach(this::type);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Entry entry : header.tensors()) {
                ByteBuffer bytes =
                        take(channel, header.length() + entry.begin(), Math.toIntExact(entry.end() - entry.begin()));
                tensors.put(entry.name(), new Tensor(entry.name(), entry.shape(), type(entry).decode(bytes)));
            }
            return new Safetensors(tensors, header.metadata());
        });
    }

    /** Reads a matrix as float32: the tensor of that name, or the only one. It may exceed any model's tensors. */
    float[][] matrix(String name) {
        return opened(channel -> {
            Header header = header(channel);
            Entry entry =
                    header.tensors().stream().filter(each -> each.name().equals(name)).findFirst().orElseGet(() -> {
                        if (header.tensors().size() != 1) {
                            throw refused("has " + Quantity.of(header.tensors().size(), "tensors")
                                    + ", and none is named " + name + "; save one alone, or under that name");
                        }
                        return header.tensors().getFirst();
                    });
            ElementType type = floating(entry);
            if (entry.shape().size() != 2) {
                throw refused("holds the tensor " + entry.name() + " of shape " + entry.shape()
                        + "; it must be [N, F], a row for each caption: reshape it");
            }
            if (entry.shape().contains(0)) {
                throw refused("holds the tensor " + entry.name() + " of shape " + entry.shape() + "; there must be a "
                        + (entry.shape().getFirst() == 0 ? "row" : "column") + " at least");
            }
            return new StoredMatrix(header.length() + entry.begin(), entry.shape().getFirst(), entry.shape().getLast(),
                    false, new StoredMatrix.Element(type.bytes(), ByteOrder.LITTLE_ENDIAN, type::next))
                    .read(file, channel);
        });
    }

    Header header() {
        return opened(this::header);
    }

    private <T> T opened(Reading<T> reading) {
        if (Files.isDirectory(file)) {
            throw refused("is a folder; name a .safetensors file");
        }
        try (FileChannel channel = RegularFile.open(file)) {
            return reading.of(channel);
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist; name a model file or a run's folder", e);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e), e);
        }
    }

    private Header header(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < 8) {
            throw refused("is not a safetensors file: it has " + size + " bytes");
        }
        long length = take(channel, 0, 8).getLong();
        if (length < 2 || length > MAX_HEADER) {
            throw refused("is not a safetensors file: it does not begin as one does; name another");
        }
        if (length > size - 8) {
            throw refused("is no safetensors file, or is cut short: of a header of " + length + " bytes it has "
                    + (size - 8));
        }
        byte[] header = take(channel, 8, (int) length).array();
        return UntrustedJson.read(file + " is not a safetensors file: its header is broken",
                "restore it, or name " + "another", () -> described(header, size - 8 - length));
    }

    /** Parses a header; {@code data} is the number of bytes after it. */
    private Header described(byte[] header, long data) {
        Map<String, JsonElement> members = parse(header);
        Map<String, String> metadata = metadata(members.remove(Safetensors.METADATA));
        List<Entry> entries = new ArrayList<>();
        members.forEach((name, said) -> entries.add(UntrustedJson.within(name, said, json -> entry(name, json, data))));
        requireNoGaps(entries, data);
        return new Header(entries, metadata, 8 + header.length);
    }

    private ElementType type(Entry entry) {
        ElementType type = floating(entry);
        if (entry.end() - entry.begin() > Integer.MAX_VALUE - 8) {
            throw refused("holds the tensor " + entry.name() + " of " + (entry.end() - entry.begin())
                    + " bytes; no more than 2^31 are read");
        }
        return type;
    }

    private ElementType floating(Entry entry) {
        ElementType type = ElementType.of(entry.dtype());
        if (type == null) {
            throw refused("holds the tensor " + entry.name() + " as " + entry.dtype()
                    + "; only F64, F32, F16 and BF16 are read");
        }
        return type;
    }

    /** Parses the header's members, at most {@link #MAX_TENSORS} tensors. Unlike Gson, it refuses repeated names. */
    private Map<String, JsonElement> parse(byte[] header) {
        Map<String, JsonElement> members = new LinkedHashMap<>();
        if (header[0] != '{') {
            throw new JsonParseException(NO_OBJECT);
        }
        try (JsonReader reader = new JsonReader(
                new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                if (members.size() > MAX_TENSORS) {
                    throw refused("declares more than " + MAX_TENSORS + " tensors; no model has so many");
                }
                String name = reader.nextName();
                if (members.put(name, member(reader, name)) != null) {
                    throw refused("names the tensor " + name + " twice");
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new JsonParseException(NO_OBJECT);
            }
        } catch (IOException | IllegalStateException e) {
            throw new JsonParseException(e);
        }
        return members;
    }

    private JsonElement member(JsonReader reader, String name) throws IOException {
        boolean metadata = name.equals(Safetensors.METADATA);
        try {
            return Json.read(reader, metadata ? MAX_METADATA : MAX_VALUES);
        } catch (Json.TooManyValues e) {
            throw new CharlstmException(file
                    + (metadata ? " has metadata of more than " + MAX_METADATA + " strings; no " + "model has so many"
                            : " says more of the tensor " + name + " than a type, a place and a shape of " + "at most "
                                    + MAX_DIMENSIONS + " dimensions"),
                    e);
        }
    }

    private Map<String, String> metadata(@Nullable JsonElement element) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (element != null) {
            UntrustedJson.within(Safetensors.METADATA, element, json -> {
                json.keySet().forEach(key -> metadata.put(key, UntrustedJson.string(json, key)));
                return metadata;
            });
        }
        return metadata;
    }

    private Entry entry(String name, JsonObject object, long data) {
        for (String member : List.of("dtype", "shape", "data_offsets")) {
            if (!object.has(member)) {
                throw refused("does not say the " + member + " of the tensor " + name);
            }
        }
        String dtype = UntrustedJson.string(object, "dtype");
        ElementType type = ElementType.of(dtype);
        List<Integer> shape = UntrustedJson.each("shape", object.get("shape"),
                (place, dimension) -> (int) UntrustedJson.whole(place, dimension, Integer.MAX_VALUE));
        List<Long> offsets = UntrustedJson.each("data_offsets", object.get("data_offsets"),
                (place, offset) -> UntrustedJson.whole(place, offset, Long.MAX_VALUE));
        if (shape.stream().anyMatch(dimension -> dimension < 0) || offsets.size() != 2) {
            throw refused("gives the tensor " + name + " an impossible shape " + shape + " or place " + offsets);
        }
        if (shape.size() > MAX_DIMENSIONS) {
            throw refused("gives the tensor " + name + " a shape of more than " + MAX_DIMENSIONS + " dimensions;"
                    + " no model has so many");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        // The size of a tensor of an unknown type cannot be checked.
        long bytes = type == null ? end - begin : Math.multiplyExact(Tensor.size(shape), type.bytes());
        if (begin < 0 || end < begin || end > data || end - begin != bytes) {
            throw refused("is cut short or broken: the tensor " + name + " of shape " + shape + " needs " + bytes
                    + " bytes at " + begin + " to " + end + ", and there are " + data);
        }
        return new Entry(name, dtype, shape, begin, end);
    }

    private void requireNoGaps(List<Entry> entries, long data) {
        long at = 0;
        for (Entry entry : entries.stream().sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList()) {
            if (entry.begin() != at) {
                throw refused("has a gap or an overlap before the tensor " + entry.name());
            }
            at = entry.end();
        }
        if (at != data) {
            throw refused("has " + (data - at) + " bytes after its last tensor");
        }
    }

    private ByteBuffer take(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw refused("is cut short");
            }
        }
        return bytes.flip();
    }

    private CharlstmException refused(String why) {
        return new CharlstmException(file + " " + why);
    }
}
