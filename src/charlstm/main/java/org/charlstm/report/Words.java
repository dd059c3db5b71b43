package org.charlstm.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import module java.base;

/** Converts names, numbers and JSON values to text for people. */
final class Words {
    private static final String BYTES = "_bytes";
    /** A small number as Java writes it. */
    private static final String SCIENTIFIC = "[0-9]\\.[0-9]{1,17}E-?[0-9]{1,3}";

    @FormatMethod
    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** A number in about four digits: 0.00399, but 6.2e-9 for a number with many leading zeros. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1000 && size < 1e15) {
            return format("%,.0f", value);
        }
        if (value == 0 || (size >= 1e-4 && size < 1e15)) {
            return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
        }
        return format("%.1e", value).replaceFirst("(\\.0)?e([-+])0*", "e$2").replace("e+", "e");
    }

    /** A number in three digits; k stands for thousands, M for millions. */
    static String shortly(double value) {
        double unit = value >= 999_500 ? 1e6 : value >= 999.5 ? 1e3 : 1;
        double number = value / unit;
        return String.format(Locale.ROOT, number < 9.995 ? "%.2f%s" : number < 99.95 ? "%.1f%s" : "%.0f%s", number,
                unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
    }

    /** A time from a file, which is in UTC and ISO 8601. */
    static String time(String time) {
        return time.replace("T", " ").replace("Z", " UTC");
    }

    static String name(String key) {
        return (key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) : key).replaceAll("[_-]", " ");
    }

    /** The value of a member; empty for null and false. */
    static String value(String key, JsonElement value) {
        if (value instanceof JsonArray array) {
            return array.asList().stream().map(element -> value("", element)).collect(Collectors.joining("; "));
        }
        if (value instanceof JsonObject object) {
            return object.entrySet().stream().map(member -> name(member.getKey()) + " " + value("", member.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (!value.isJsonPrimitive()) {
            return "";
        }
        if (value.getAsJsonPrimitive().isNumber()) {
            double number = value.getAsDouble();
            if (key.endsWith(BYTES)) {
                return format("%.1f GiB", number / (1 << 30));
            }
            return number == Math.rint(number) && Math.abs(number) < 1e15 ? format("%,.0f", number) : number(number);
        }
        String word = value.getAsString();
        return word.equals("false") ? "" : word.matches(SCIENTIFIC) ? number(value.getAsDouble()) : word;
    }
}
