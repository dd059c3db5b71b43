package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Captions in COCO's JSON. */
class CocoCaptionsTest {
    private static final List<String> CAPTIONS = List.of("a man caf\u00E9", "two d\u00F6gs", "a  b\u00FCs \u20AC");
    private static final String ANNOTATIONS = "\"annotations\": [{\"id\": 1, \"caption\": \"a man caf\\u00e9\\n\"}, "
            + "{\"caption\": \"two d\u00F6gs \", \"image_id\": {\"caption\": \"no\"}}, {\"id\": 7}, 3, "
            + "{\"caption\": \" \"}, {\"caption\": 5}, {\"caption\": \"a  b\u00FCs \\r\\n\u20AC\"}]";

    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** The captions may come far behind other members, and the file may have any name. */
    @Test
    void readsCocosAnnotations() throws IOException {
        String images = "{\"license\": 5, \"file_name\": \"COCO_val2014_000000391895.jpg\"}, ".repeat(3000);
        for (String json : List.of("{\"info\": {\"year\": 2014}, \"images\": [" + images + "{}], \"licenses\": [], %s}",
                " \n{%s, \"annotations\": []}", "\uFEFF{ \"licenses\": [], \"images\": [], %s}\n",
                "{\"images\": [" + images + "{}], %s, \"categories\": null}")) {
            for (String name : List.of("captions_val2014.json", "captions")) {
                Path file = file(name, json.formatted(ANNOTATIONS));
                Captions captions = CaptionFile.read(file, 1000);
                assertEquals(CAPTIONS, captions.texts());
                assertEquals(1, captions.skipped());
                assertEquals(file + ", caption 4", captions.place(2));
                assertEquals(CAPTIONS.subList(0, 1), CaptionFile.read(file, 1).texts());
                assertEquals(List.of("a man caf\u00E9\ntwo"), RunningText.read(file).windows(14, 14, 1).texts());
            }
        }
    }

    @Test
    void readsKarpathysSentences() throws IOException {
        Path file = file("dataset_coco.json", "{\"images\": [{\"filename\": \"a.jpg\", \"sentences\": [{\"tokens\": "
                + "[\"a\"], \"raw\": \"a man caf\\u00e9\"}, {\"raw\": \"two d\u00F6gs\"}], \"split\": \"x\"}, {}, "
                + "{\"sentences\": [{\"raw\": \"a  b\u00FCs\\n\u20AC\"}]}], \"dataset\": \"coco\"}");
        assertEquals(CAPTIONS, CaptionFile.read(file, 1000).texts());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\": 1}|is JSON without captions: it has no annotations",
        "[\"a man\"]|is JSON without captions: it has no annotations",
        "{\"annotations\": [{\"bbox\": [1, 2]}]}|is JSON without captions: none of its annotations has a caption",
        "{\"annotations\": {\"caption\": \"a\"}}|is JSON without captions: none of its annotations has a caption",
        "{\"annotations\": [{\"caption\": \"a\"}, ]]|is no JSON from line 1 column 37 on; captions one a line",
        "{\"annotations\": [{\"caption\": \"a\"}]} x|is no JSON from line 1 column 38 on; captions one a line",
        "a man on a horse|is no JSON from line 1 column 1 on; captions one a line",
        "{\"annotations\": [{\"caption\": \"a\"}|ends in the midst of its JSON", "``|ends in the midst of its JSON"})
    void jsonWithoutCaptionsAndBrokenJsonAreRefused(String json, String said) throws IOException {
        Path file = file("captions.json", json);
        assertRefused(file + " " + said, () -> CaptionFile.read(file, 1000));
        assertRefused(file + " " + said, () -> RunningText.read(file));
    }

    @Test
    void onlyBlankCaptionsAreRefused() throws IOException {
        Path file = file("captions.json", "{\"annotations\": [{\"caption\": \" \\n\"}]}");
        assertTrue(assertRefused(file.toString(), () -> CaptionFile.read(file, 1000)).contains("holds no caption"));
    }

    @Test
    void textThatResemblesJsonIsReadAsText() throws IOException {
        for (String text : List.of("{\"caption\": \"a man\"}", "{a man}", "a\u0000b", "\"images\": [", "\u0440\u0443",
                "{\"type\": \"x\"}")) {
            Path file = file("text.txt", text);
            assertEquals(List.of(text), CaptionFile.read(file, 1000).texts());
            int length = text.codePointCount(0, text.length());
            assertEquals(List.of(text), RunningText.read(file).windows(length, length, 1).texts());
        }
    }
}
