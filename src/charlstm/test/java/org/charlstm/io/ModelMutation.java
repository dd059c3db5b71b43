package org.charlstm.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;
import org.charlstm.io.format.Safetensors;

/**
 * Spoils a safetensors file: any of its bytes; its header, with the right declared length; or the JSON in the strings
 * of its metadata.
 */
public final class ModelMutation implements Fuzz.Mutation {
    private final byte[] original;
    private final byte[] header;
    private final byte[] data;

    /** Of some file. */
    public ModelMutation(byte[] original) {
        this.original = original;
        int end = 8 + Byte.toUnsignedInt(original[0]) + 256 * Byte.toUnsignedInt(original[1]);
        header = Arrays.copyOfRange(original, 8, end);
        data = Arrays.copyOfRange(original, end, original.length);
    }

    @Override
    public byte[] next(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> new TextMutation(original).next(random);
            case 1 -> with(new TextMutation(header).next(random));
            default -> with(described(random));
        };
    }

    private byte[] with(byte[] other) {
        return RawFile.of(other.length, other, data);
    }

    private byte[] described(RandomGenerator random) {
        JsonObject members = JsonParser.parseString(new String(header, UTF_8)).getAsJsonObject();
        JsonObject metadata = members.getAsJsonObject(Safetensors.METADATA);
        List<String> names = List.copyOf(metadata.keySet());
        String name = names.get(random.nextInt(names.size()));
        byte[] value = metadata.get(name).getAsString().getBytes(UTF_8);
        metadata.addProperty(name, new String(new TextMutation(value).next(random), UTF_8));
        return members.toString().getBytes(UTF_8);
    }
}
