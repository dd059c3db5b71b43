package org.charlstm.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import java.io.IOException;

/**
 * JSON that is not trusted, as objects, but no more of them than asked for: a value of two bytes makes objects of a
 * hundred.
 */
final class BoundedJson {
    private final JsonReader reader;
    private final int most;
    private int values;

    /** There are more values than asked for. */
    static final class TooMany extends JsonParseException {
        private static final long serialVersionUID = 1;

        TooMany(int most) {
            super("more than " + most + " values");
        }
    }

    private BoundedJson(JsonReader reader, int most) {
        this.reader = reader;
        this.most = most;
    }

    /** Reads the value that is next, with all that is in it: {@link TooMany} if that are more than so many values. */
    static JsonElement read(JsonReader reader, int most) throws IOException {
        return new BoundedJson(reader, most).value();
    }

    /** As deep as the reader allows. */
    private JsonElement value() throws IOException {
        if (++values > most) {
            throw new TooMany(most);
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object();
            case BEGIN_ARRAY -> array();
            default -> JsonParser.parseReader(reader);
        };
    }

    private JsonObject object() throws IOException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            object.add(reader.nextName(), value());
        }
        reader.endObject();
        return object;
    }

    private JsonArray array() throws IOException {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
            array.add(value());
        }
        reader.endArray();
        return array;
    }
}
