package org.charlstm.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A JSON object, such as settings or hardware, as a list of names and values. */
final class DefinitionList {
    private static final String BYTES = "_bytes";
    /** A small number as Java writes it. */
    private static final String SCIENTIFIC = "[0-9]\\.[0-9]{1,17}E-?[0-9]{1,3}";

    private DefinitionList() {
    }

    /** A section that lists an object's members, except for null and empty ones. */
    static String list(String title, JsonElement object) {
        StringBuilder html = new StringBuilder();
        if (object instanceof JsonObject members) {
            for (Map.Entry<String, JsonElement> member : members.entrySet()) {
                String value = words(member.getKey(), member.getValue());
                if (!value.isEmpty()) {
                    html.append("<div><dt>").append(Html.escape(name(member.getKey()))).append("</dt><dd>")
                            .append(Html.escape(value)).append("</dd></div>\n");
                }
            }
        }
        return html.isEmpty() ? "" : "<section><h3>" + Html.escape(title) + "</h3>\n<dl>\n" + html
                + "</dl></section>\n";
    }

    /** The list of a text's members, which count captions, or windows of running text. */
    static String text(@Nullable JsonElement text, boolean windows) {
        JsonObject listed = new JsonObject();
        if (text instanceof JsonObject all) {
            all.asMap()
                    .forEach((name, value) -> listed.add(windows ? name.replace("captions", "windows") : name, value));
            listed.remove("unit");
        }
        return list("Text", listed);
    }

    /** A name for people. */
    static String name(String key) {
        return (key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) : key).replaceAll("[_-]", " ");
    }

    /** A value for people; empty for null and false. */
    static String words(String key, JsonElement value) {
        if (value instanceof JsonArray array) {
            return array.asList().stream().map(element -> words("", element)).collect(Collectors.joining("; "));
        }
        if (value instanceof JsonObject object) {
            return object.entrySet().stream().map(member -> name(member.getKey()) + " " + words("", member.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (!value.isJsonPrimitive()) {
            return "";
        }
        if (value.getAsJsonPrimitive().isNumber()) {
            double number = value.getAsDouble();
            if (key.endsWith(BYTES)) {
                return String.format(Locale.ROOT, "%.1f GiB", number / (1 << 30));
            }
            return number == Math.rint(number) && Math.abs(number) < 1e15 ? String.format(Locale.ROOT, "%,.0f", number)
                    : Html.number(number);
        }
        if (value.getAsString().matches(SCIENTIFIC)) {
            return Html.number(value.getAsDouble());
        }
        return value.getAsString().equals("false") ? "" : value.getAsString();
    }
}
