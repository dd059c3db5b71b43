package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers are written the same in every country: no comma for a point, no digits of another script. */
class LocaleTest {
    private static final Locale BEFORE = Locale.getDefault();

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        // Over a thousand characters, so that the separator of thousands is seen too.
        text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(5));
        model = Tiny.train(text, folder.resolve("run"));
    }

    @AfterEach
    void restore() {
        Locale.setDefault(BEFORE);
    }

    private static List<String> outputs() {
        List<String> all = new ArrayList<>();
        for (String[] json : List.of(new String[] {}, new String[] {"--json"})) {
            all.add(Tool.output(with(json, "sample", model)));
            all.add(Tool.output(with(json, "top", model)));
            all.add(Tool.output(with(json, "verify", model, text)));
            all.add(Tool.output(with(json, "eval", model, text)));
            all.add(Tool.output(with(json, "encode", text)));
        }
        all.add(Tool.output("captions", "--count", 3));
        String trained = Tool.output(Tiny.training(text, folder.resolve("again"), "--epochs", 2, "--force"));
        // Times differ from run to run; what they are written with may not.
        all.add(trained.replaceAll("[0-9]+\\.[0-9]{2}\\b", "time").replaceAll("[0-9,]+ characters/s", "speed"));
        all.add(Tool.run("sample", model, "--prime", "\u0001").err());
        all.add(Tool.run("sample", model, "--temperature", "-1.5").err());
        all.add(Tool.run("verify", model, text, "--caption", "100000").err());
        return all;
    }

    private static Object[] with(String[] more, Object... line) {
        List<Object> all = new ArrayList<>(List.of(line));
        all.addAll(List.of(more));
        return all.toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "tr-TR", "ar-EG", "fa-IR", "hi-IN-u-nu-deva", "fr-FR"})
    void outputsAreTheSame(String tag) {
        Locale.setDefault(Locale.ROOT);
        List<String> expected = outputs();
        Locale.setDefault(Locale.forLanguageTag(tag));
        List<String> actual = outputs();
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i));
        }
    }

    /** Without this the test above would compare a locale with itself. */
    @Test
    void theLocalesDoWriteNumbersDifferently() {
        assertNotEquals("1,000.50", String.format(Locale.forLanguageTag("de-DE"), "%,.2f", 1000.5));
        assertNotEquals("1,000.50", String.format(Locale.forLanguageTag("ar-EG"), "%,.2f", 1000.5));
        assertNotEquals("title", "TITLE".toLowerCase(Locale.forLanguageTag("tr-TR")));
    }
}
