package org.charlstm.text;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.MalformedJsonException;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * Reads the captions of COCO's JSON, {@code annotations[].caption}, or of Karpathy's version,
 * {@code images[].sentences[].raw}, in file order, one per line. Only one value is in memory at a time.
 */
final class CocoCaptions implements CodePoints {
    /**
     * Matches the beginning of a JSON object that has one of the members named here; the captions' member may be far
     * from the start.
     */
    private static final Pattern BEGINNING = Pattern.compile("\\uFEFF?\\s*\\{\\s*"
            + "(?=\"(?:info|images|licenses|type|annotations)\"\\s*:).*\"(?:images|annotations)\"\\s*:\\s*\\[.*",
            Pattern.DOTALL);
    private static final Pattern CAPTION_PATH =
            Pattern.compile("\\$\\.(annotations\\[\\d+\\]\\.caption|images\\[\\d+\\]\\.sentences\\[\\d+\\]\\.raw)");
    /** The names in the paths of captions; all other members are skipped. */
    private static final Set<String> MEMBERS = Set.of("annotations", "caption", "images", "sentences", "raw");
    private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

    private final String name;
    private final JsonReader json;
    private boolean annotated;
    private long found;
    private String caption = "";
    private int at;

    CocoCaptions(String name, Reader text) {
        this.name = name;
        json = new JsonReader(text);
    }

    /** Whether a file begins like COCO's JSON or Karpathy's. */
    static boolean areIn(byte[] head) {
        byte[] bytes = head.length > TextEncoding.HEAD ? Arrays.copyOf(head, TextEncoding.HEAD) : head;
        return BEGINNING.matcher(new String(bytes, StandardCharsets.UTF_8)).matches();
    }

    /** Whether a file's name ends like a JSON file's. */
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

    /** The next caption, on one line; null at the end. */
    private @Nullable String following() throws IOException {
        try {
            String next = nextValue();
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
        Refuse.inputIf(found == 0, name + " is JSON without captions: "
                + (annotated ? "none of its annotations has a caption" : "it has no annotations")
                + "; what is read is {\"annotations\": [{\"caption\": ...}, ...]}, as " + "COCO's captions are");
        return null;
    }

    private @Nullable String nextValue() throws IOException {
        while (true) {
            switch (json.peek()) {
                case BEGIN_OBJECT -> json.beginObject();
                case END_OBJECT -> json.endObject();
                case BEGIN_ARRAY -> json.beginArray();
                case END_ARRAY -> json.endArray();
                case NAME -> {
                    String member = json.nextName();
                    annotated |= member.equals("annotations");
                    if (!MEMBERS.contains(member)) {
                        json.skipValue();
                    }
                }
                case STRING -> {
                    boolean isCaption = CAPTION_PATH.matcher(json.getPath()).matches();
                    String value = json.nextString();
                    if (isCaption) {
                        return value;
                    }
                }
                case END_DOCUMENT -> {
                    return null;
                }
                default -> json.skipValue();
            }
        }
    }
}
