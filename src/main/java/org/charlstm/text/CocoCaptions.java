package org.charlstm.text;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the captions of COCO's JSON, {@code annotations[].caption}, or of Karpathy's version,
 * {@code images[].sentences[].raw}, in the order of the file, a line for each. One value is in memory at a time.
 */
final class CocoCaptions implements CodePoints {
    /** An object with these members. The one with the captions may come far behind the first. */
    private static final Pattern BEGINNING = Pattern.compile("\\uFEFF?\\s*\\{\\s*"
            + "(?=\"(?:info|images|licenses|type|annotations)\"\\s*:).*\"(?:images|annotations)\"\\s*:\\s*\\[.*",
            Pattern.DOTALL);
    private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

    /** Where in the JSON the next value is. */
    private enum Level {
        BEFORE, MEMBERS, ANNOTATIONS, IMAGES, IMAGE, SENTENCES, BEHIND
    }

    private final String name;
    private final JsonReader json;
    private Level level = Level.BEFORE;
    private boolean annotated;
    private long found;
    private String caption = "";
    private int at;

    CocoCaptions(String name, Reader text) {
        this.name = name;
        json = new JsonReader(text);
    }

    /** Whether a file begins as one of COCO's, or of Karpathy's. */
    static boolean areIn(byte[] head) {
        byte[] bytes = head.length > TextEncoding.HEAD ? Arrays.copyOf(head, TextEncoding.HEAD) : head;
        return BEGINNING.matcher(new String(bytes, StandardCharsets.UTF_8)).matches();
    }

    /** Whether a file's name says that it is such JSON. */
    static boolean areNamedBy(String name) {
        String small = name.toLowerCase(Locale.ROOT);
        return small.endsWith(".json") || small.endsWith(".json.gz");
    }

    @Override
    public int next() throws IOException {
        if (at == caption.length()) {
            String next = following();
            if (next == null) {
                return END;
            }
            caption = next + "\n";
            at = 0;
        }
        int codePoint = caption.codePointAt(at);
        at += Character.charCount(codePoint);
        return codePoint;
    }

    /** The next caption, on one line, or null. */
    private @Nullable String following() throws IOException {
        try {
            String next = null;
            while (next == null && level != Level.BEHIND) {
                next = step();
            }
            if (next != null) {
                found++;
                return next.replaceAll("\\s*\\R\\s*", " ").strip();
            }
        } catch (MalformedJsonException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            throw new CharlstmException(name + " is no JSON" + (place.find() ? " from " + place.group() + " on" : "")
                    + "; captions one a line belong into a file that is not called .json", e);
        } catch (EOFException e) {
            throw new CharlstmException(name + " ends in the midst of its JSON; get it anew", e);
        }
        if (found == 0) {
            throw new CharlstmException(name + " is JSON without captions: "
                    + (annotated ? "none of its annotations has a caption" : "it has no annotations")
                    + "; what is read is {\"annotations\": [{\"caption\": ...}, ...]}, as COCO's captions are");
        }
        return null;
    }

    /** Handles the next value; returns it if it is a caption. */
    private @Nullable String step() throws IOException {
        if (level == Level.BEFORE) {
            if (json.peek() == JsonToken.BEGIN_OBJECT) {
                json.beginObject();
                level = Level.MEMBERS;
            } else {
                json.skipValue();
                level = Level.BEHIND;
            }
            return null;
        }
        if (!json.hasNext()) {
            leave();
            return null;
        }
        switch (level) {
            case MEMBERS -> {
                String member = json.nextName();
                annotated |= member.equals("annotations");
                enter(member.equals("annotations") ? Level.ANNOTATIONS : member.equals("images") ? Level.IMAGES : null,
                        JsonToken.BEGIN_ARRAY);
            }
            case IMAGES -> enter(Level.IMAGE, JsonToken.BEGIN_OBJECT);
            case IMAGE -> enter(json.nextName().equals("sentences") ? Level.SENTENCES : null, JsonToken.BEGIN_ARRAY);
            case ANNOTATIONS -> {
                return member("caption");
            }
            case SENTENCES -> {
                return member("raw");
            }
            default -> throw new IllegalStateException("nothing is left at " + level);
        }
        return null;
    }

    /** Enters the next value if it is of the wanted kind, and skips it if not. */
    private void enter(@Nullable Level inner, JsonToken beginning) throws IOException {
        if (inner == null || json.peek() != beginning) {
            json.skipValue();
            return;
        }
        if (beginning == JsonToken.BEGIN_ARRAY) {
            json.beginArray();
        } else {
            json.beginObject();
        }
        level = inner;
    }

    private void leave() throws IOException {
        switch (level) {
            case MEMBERS -> {
                json.endObject();
                // Throws if anything follows the object.
                var _ = json.peek();
                level = Level.BEHIND;
            }
            case IMAGE -> {
                json.endObject();
                level = Level.IMAGES;
            }
            case SENTENCES -> {
                json.endArray();
                level = Level.IMAGE;
            }
            default -> {
                json.endArray();
                level = Level.MEMBERS;
            }
        }
    }

    /** A string member of the next object, or null. */
    private @Nullable String member(String wanted) throws IOException {
        if (json.peek() != JsonToken.BEGIN_OBJECT) {
            json.skipValue();
            return null;
        }
        String value = null;
        json.beginObject();
        while (json.hasNext()) {
            if (json.nextName().equals(wanted) && json.peek() == JsonToken.STRING) {
                value = json.nextString();
            } else {
                json.skipValue();
            }
        }
        json.endObject();
        return value;
    }
}
