package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.junit.jupiter.api.Test;

/** Figures of pages, held to the records that they come from and to each other. */
class PageFiguresTest {
    private static final Pattern RECORD = Pattern.compile("\\((bench/results/[^)#]+)\\)");
    private static final Pattern FIGURE = Pattern.compile("\\d+\\.\\d+(?= s\\b)|\\d+,\\d{3}");
    /** From two tenths to nine, as a reader says them. */
    private static final List<String> TENTHS =
            List.of("a fifth", "three tenths", "four tenths", "a half", "six tenths", "seven tenths");
    private static final List<String> PARTS = List.of("fourteenth", "fifteenth", "sixteenth", "seventeenth");

    private static String page(String name) throws IOException {
        return Files.readString(Path.of(name));
    }

    /** Figures of two runs say nothing of each other. */
    @Test
    void whatARowOfTheReadmeSetsSideBySideIsOfOneRecord() throws IOException {
        int figures = 0;
        for (String row : page("README.md").lines().filter(line -> line.startsWith("| ")).toList()) {
            Matcher record = RECORD.matcher(row);
            if (!record.find()) {
                continue;
            }
            String text = page(record.group(1));
            List<Double> known = new ArrayList<>();
            if (record.group(1).endsWith(".json")) {
                medians(JsonParser.parseString(text), known);
            } else {
                text.lines().filter(line -> line.startsWith("| "))
                        .flatMap(line -> Arrays.stream(line.split("[| ]+", 0)))
                        .filter(word -> word.matches("[\\d,]+(\\.\\d+)?"))
                        .forEach(word -> known.add(Double.valueOf(word.replace(",", ""))));
            }
            for (Matcher figure = FIGURE.matcher(row.substring(row.indexOf('|', 2))); figure.find(); figures++) {
                String said = figure.group().replace(",", "");
                int digits = said.length() - 1 - (said + ".").indexOf('.');
                assertTrue(known.stream().anyMatch(value -> String.format(Locale.ROOT, "%." + Math.max(0, digits) + "f",
                        value).equals(said)), said + " is not in the record of " + row);
            }
            assertFalse(row.contains("that processor"), "as if it were of the run of another row: " + row);
        }
        assertTrue(figures >= 7, figures + " figures");
    }

    /** The median of each list of numbers, of lists in it too. */
    private static void medians(JsonElement element, List<Double> found) {
        if (element instanceof JsonObject object) {
            object.asMap().values().forEach(value -> medians(value, found));
        } else if (element instanceof JsonArray array) {
            double[] all = numbers(array).sorted().toArray();
            if (all.length > 0) {
                found.add((all[all.length / 2] + all[(all.length - 1) / 2]) / 2);
            }
            array.forEach(value -> medians(value, found));
        }
    }

    private static DoubleStream numbers(JsonArray array) {
        return array.asList().stream().flatMapToDouble(value -> value instanceof JsonArray inner ? numbers(inner)
                : value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()
                        ? DoubleStream.of(value.getAsDouble())
                : DoubleStream.empty());
    }

    @Test
    void theRecipeTakesThePartOfTheTimeThatItsRecordHas() throws IOException {
        double times = JsonParser.parseString(page("bench/results/2026-11-27-cpu-epyc-recipe.json")).getAsJsonObject()
                .getAsJsonArray("table").get(1).getAsJsonObject().get("times").getAsDouble();
        String part = "in a " + PARTS.get((int) Math.round(times) - 14) + " of the time";
        assertTrue(page("docs/recipes.md").contains("## The lab's loss " + part), part);
        assertTrue(page("docs/lab.md").contains("the lab's loss " + part), part);
    }

    /** docs/lab.md beside its own outputs, which LabPageTest holds to those of the commands. */
    @Test
    void theLabSaysWhatItsOutputsShow() throws IOException {
        String lab = page("docs/lab.md");
        Matcher seconds = Pattern.compile("--out lab\n.*?\n(\\d+\\.\\d+) s in all", Pattern.DOTALL).matcher(lab);
        assertTrue(seconds.find());
        assertEquals(10, 5 * Math.round(Double.parseDouble(seconds.group(1)) / 5), "not ten seconds");
        assertTrue(lab.contains("smaller batches take ten seconds on two cores"));
        Matcher with = Pattern.compile("eval about [^\n]* about\\.npy [^\n]*\nloss +([\\d.]+)").matcher(lab);
        Matcher without = Pattern.compile("The loss is (.*) of that without the vectors, ([\\d.]+) by").matcher(lab);
        assertTrue(with.find() && without.find());
        double share = Double.parseDouble(with.group(1)) / Double.parseDouble(without.group(2));
        assertEquals(TENTHS.get((int) Math.round(10 * share) - 2), without.group(1), "a share of " + share);
    }
}
