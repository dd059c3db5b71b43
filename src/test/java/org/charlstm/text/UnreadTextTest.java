package org.charlstm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.charlstm.Bash;
import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are compressed, encoded otherwise or inside JSON: what the line says to do makes captions of them. */
class UnreadTextTest {
    private static final List<String> CAPTIONS = List.of("a man caf\u00E9", "two d\u00F6gs", "a b\u00FCs \u20AC");

    @TempDir
    private Path folder;

    private static String captions() {
        return String.join("\n", CAPTIONS) + "\n";
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    /** What is said of a file, which captions and running text alike are refused for. */
    private static String refusal(Path file) {
        String said = assertThrows(CharlstmException.class, () -> CaptionFile.read(file, 1000)).getMessage();
        String running = assertThrows(CharlstmException.class, () -> RunningText.read(file)).getMessage();
        assertEquals(running, said.replaceFirst(", line \\d+", ""));
        assertTrue(said.startsWith(file.toString()), said);
        return said;
    }

    /** Pastes what stands between two parts of a message, and reads the file that it makes. */
    private List<String> pasted(String message, String before, String after, String made) {
        int from = message.indexOf(before) + before.length();
        assertTrue(message.contains(before) && message.endsWith(after), message);
        String line = message.substring(from, message.length() - after.length());
        String program = line.split(" ", 2)[0];
        assumeTrue(Bash.run(folder, "command -v " + program + " || echo none").startsWith("/"),
                program + " is not installed");
        assertEquals("", Bash.run(folder, line));
        return CaptionFile.read(folder.resolve(made), 1000).texts();
    }

    @ParameterizedTest
    @CsvSource({"captions of COCO.txt.gz,captions of COCO.txt", "it's packed,it's packed-unpacked.txt"})
    void gzip(String name, String made) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(captions().getBytes(StandardCharsets.UTF_8));
        }
        String said = refusal(file(name, packed.toByteArray()));
        assertEquals(CAPTIONS, pasted(said, " is compressed with gzip; unpack it: ", "", made));
        assertTrue(Files.exists(folder.resolve(name)), "it is kept");
    }

    @ParameterizedTest
    @CsvSource({"x-UTF-16LE-BOM,UTF-16", "UTF-16,UTF-16", "UTF-16LE,UTF-16LE", "UTF-16BE,UTF-16BE",
        "X-UTF-32LE-BOM,UTF-32", "X-UTF-32BE-BOM,UTF-32"})
    void wideCharacters(String written, String named) throws IOException {
        String said = refusal(file("my captions.txt", captions().getBytes(Charset.forName(written))));
        assertTrue(said.contains(" is text in " + named + ", and "), said);
        List<String> read = pasted(said, "; convert it: ", "", "my captions-utf8.txt");
        assertEquals(CAPTIONS, read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1252", "ISO-8859-1"})
    void westernCharacters(String encoding) throws IOException {
        String text = captions().replace("\u20AC", encoding.startsWith("w") ? "\u20AC" : "\u00A4");
        String said = refusal(file("old.captions.txt", text.getBytes(Charset.forName(encoding))));
        assertEquals(text.lines().toList(), pasted(said, "convert it: ", "", "old.captions-utf8.txt"));
    }

    /** Of what has bytes that are no characters, no encoding is guessed. */
    @Test
    void bytes() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        assertTrue(refusal(file("random", bytes)).endsWith("iconv -f ENCODING -t UTF-8 " + folder.resolve("random")
                + " > " + folder.resolve("random-utf8.txt")));
        assertTrue(
                refusal(file("other", "\u0440\u0443\u0440".getBytes(Charset.forName("KOI8-R"))))
                        .contains("name that (iconv -l"));
        assertTrue(refusal(file("more", new byte[] {'a', (byte) 0x81})).contains(" ENCODING "));
    }

    @Test
    void archives() throws IOException {
        assertTrue(refusal(file("a.bz2", "BZh91AY".getBytes(StandardCharsets.US_ASCII))).contains("bzip2 -dc "));
        assertTrue(refusal(file("a.xz", new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0})).contains("xz -dc "));
        assertTrue(refusal(file("a.zip", new byte[] {'P', 'K', 3, 4, 20, 0})).contains("unzip -p "));
        assertTrue(refusal(file("a.zst", new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD})).contains("zstd -dc "));
    }

    /** As others have COCO's captions: sentences of images. */
    @Test
    void captionsOfKarpathys() throws IOException {
        String json = "{\"images\": [{\"filename\": \"a.jpg\", \"sentences\": [{\"raw\": \"a man caf\\u00e9\"}, "
                + "{\"raw\": \"two d\u00F6gs\"}]}, {\"sentences\": [{\"raw\": \"a  b\u00FCs \u20AC\"}]}]}";
        String said = refusal(file("dataset_coco.json", json.getBytes(StandardCharsets.UTF_8)));
        assertEquals(CAPTIONS, pasted(said, "take them out: ", "", "dataset_coco-captions.txt"));
    }

    /** The captions come behind all images, and some have line ends. */
    @Test
    void captionsOfCoco() throws IOException {
        String images = "{\"license\": 5, \"file_name\": \"COCO_val2014_000000391895.jpg\"}, ".repeat(3000);
        for (String json : List.of("{\"info\": {\"year\": 2014}, \"images\": [" + images + "{}], \"licenses\": [], %s}",
                " \n{\"annotations\": [], %s}", "\uFEFF{ \"licenses\": [], \"images\": [], %s}",
                "{\"images\": [" + images + "{}], %s}")) {
            String annotations = "\"annotations\": [{\"id\": 1, \"caption\": \"a man caf\\u00e9\\n\"}, "
                    + "{\"caption\": \"two d\u00F6gs\"}, {\"caption\": \"a  b\u00FCs\\n\u20AC\"}]";
            String text = json.formatted(annotations);
            String said = refusal(file("captions_val2014.json", text.getBytes(StandardCharsets.UTF_8)));
            assertEquals(CAPTIONS, pasted(said, " not captions one a line; take them out: ", "",
                    "captions_val2014-captions.txt"));
        }
    }

    @Test
    void whatIsTextIsRead() throws IOException {
        for (String text : List.of("{\"caption\": \"a man\"}", "{a man}", "a\u0000b", "\"images\": [", "\u0440\u0443",
                "{\"type\": \"x\"}")) {
            Path file = Files.writeString(folder.resolve("text.txt"), text);
            assertEquals(List.of(text), CaptionFile.read(file, 1000).texts());
            int length = text.codePointCount(0, text.length());
            assertEquals(List.of(text), RunningText.read(file).windows(length, length, 1).texts());
        }
    }

    /** A pipe is read but once: what was looked at is not lost. */
    @Test
    void aPipeIsReadWhole() {
        Path pipe = folder.resolve("pipe");
        Bash.run(folder, "command -v mkfifo >/dev/null || exit 0; mkfifo pipe");
        assumeTrue(Files.exists(pipe), "mkfifo is not installed");
        Thread.ofVirtual().start(() -> Bash.run(folder, "printf 'a man\\na dog\\n' >pipe"));
        assertEquals(List.of("a man", "a dog"), CaptionFile.read(pipe, 1000).texts());
    }
}
