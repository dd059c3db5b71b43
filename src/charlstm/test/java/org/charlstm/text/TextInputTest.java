package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts from several files, folders, gzip and standard input. */
@Tag("outside")
class TextInputTest {
    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path file(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static Captions captions(TextInput input) {
        return CaptionFile.read(input, Integer.MAX_VALUE, null, ReadingProgress.NONE);
    }

    private static RunningText running(TextInput input) {
        return RunningText.read(input, Long.MAX_VALUE, ReadingProgress.NONE);
    }

    /** Captions end with their file, each file may have a byte order mark, and places name their file. */
    @Test
    void severalFilesAreReadInOrder() throws IOException {
        Path one = file("one.txt", "\uFEFFa cat\n\na dog");
        Path none = file("none.txt", "");
        Path two = file("two.txt", "\uFEFFa bus\r\na \u00E9\n");
        TextInput input = TextInput.of(two, none, one);
        Captions captions = captions(input);
        assertEquals(List.of("a bus", "a \u00E9", "a cat", "a dog"), captions.texts());
        assertEquals(two + " and 2 more", captions.source());
        assertEquals(List.of(two + ", line 1", two + ", line 2", one + ", line 1", one + ", line 3"),
                List.of(captions.place(0), captions.place(1), captions.place(2), captions.place(3)));
        assertEquals(List.of("a bus", "a \u00E9", "a cat"),
                CaptionFile.read(input, 3, null, ReadingProgress.NONE).texts());
        assertEquals(1, captions.skipped());
        assertRefused(two + ", line 2: the character U+00E9",
                () -> Corpus.encode(captions, Vocabulary.ofCharacters("a busctdog")));
        assertEquals(one + ", line 3", captions.only(3).place(0));
        Captions known = captions.known(Vocabulary.ofCharacters("dog"));
        assertEquals(List.of("dog"), known.texts().stream().map(String::strip).toList());
        assertEquals(one + ", line 3", known.place(0));

        RunningText text = running(input);
        Captions windows = text.windows(10, 10, 9);
        assertEquals(List.of("a bus\na \u00E9\n", "a cat\n\na d"), windows.texts());
        assertEquals(one + ", line 1", windows.place(1));
        assertRefused(one + ", line 3: the character U+0064",
                () -> Corpus.encode(windows, Vocabulary.withoutMarkers("a bus\n\u00E9ct")));
        assertEquals(one + ", line 1",
                text.known(Vocabulary.withoutMarkers("abct\n")).windows(4, 4, 9).place(2));
    }

    @Test
    void aFolderIsReadInOrderOfNames() throws IOException {
        file("b.txt", "b\n");
        file("a/z.TXT", "az\n");
        file("a/y.txt.gz", packed("ay\n"));
        file("a.txt", "a\n");
        file("c.json", "{\"images\": [], \"annotations\": [{\"caption\": \"c\"}]}");
        file("d.json.gz", packed("{\"annotations\": [{\"caption\": \"d\"}]}"));
        file("characters.json", "{\"a\": 1}");
        file(".hidden.txt", "hidden\n");
        file(".git/x.txt", "hidden\n");
        file("model.bin", "no text\n");
        file("old.tar.gz", packed("no text\n"));
        Captions captions = captions(TextInput.of(folder));
        assertEquals(List.of("a", "ay", "az", "b", "c", "d"), captions.texts());
        Warned warned = new Warned();
        RunningText.read(TextInput.of(folder), Long.MAX_VALUE, warned);
        assertEquals(List.of("skipping 3 of the 9 files in " + folder
                + ": only .txt, .txt.gz and the .json of COCO's captions are read"), warned.warnings());
        assertEquals(folder.toString(), captions.source());
        assertEquals(folder.resolve("a.txt") + ", line 1", captions.place(0));
        assertEquals(folder.resolve("c.json") + ", caption 1", captions.place(4));
        assertEquals("a\nay\naz\nb\nc\nd\n", running(TextInput.of(folder)).windows(14, 1, 1).texts().getFirst());
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertTrue(assertRefused(empty.toString(), () -> captions(TextInput.of(empty)))
                .contains("is a folder without text"));
        Path gone = folder.resolve("gone.txt");
        assertRefused(gone + " does not exist", () -> captions(TextInput.of(folder, gone)));
    }

    @Test
    void cyclicLinksAreRefused() throws IOException {
        file("texts/a.txt", "a\n");
        Path texts = folder.resolve("texts");
        Files.createSymbolicLink(texts.resolve("round"), texts);
        assertTrue(assertRefused(texts.toString(), () -> captions(TextInput.of(texts))).contains("is a link to"));
        Files.delete(texts.resolve("round"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), texts);
        assertEquals(List.of("a"), captions(TextInput.of(link)).texts());
    }

    /** Recognised by its first bytes, not its name; several members may follow each other. */
    @Test
    void gzipIsUnpacked() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(packed("a cat\n"));
        both.write(packed("a d\u00F6g\n"));
        Path file = file("captions.txt", both.toByteArray());
        assertEquals(List.of("a cat", "a d\u00F6g"), captions(TextInput.of(file)).texts());
        assertEquals(12, running(TextInput.of(file)).windows(12, 1, 1).characters());
        Path plain = file("plain.gz", "a cat\n");
        assertEquals(List.of("a cat"), captions(TextInput.of(plain)).texts());
    }

    @Test
    void brokenGzipIsRefused() throws IOException {
        byte[] whole = packed("a cat sits on a mat\n".repeat(1000) + "and more");
        for (int bytes : new int[] {2, 5, 20, whole.length - 1}) {
            Path cut = file("cut.gz", Arrays.copyOf(whole, bytes));
            assertTrue(assertRefused(cut.toString(), () -> captions(TextInput.of(cut)))
                    .contains("is compressed with gzip, and broken: it ends too early"));
        }
        for (int at : new int[] {2, 12, whole.length - 6}) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) 0xff;
            Path spoilt = file("spoilt.txt.gz", bytes);
            assertRefused(spoilt + " is compressed with gzip, and broken: ", () -> captions(TextInput.of(spoilt)));
            assertRefused(spoilt + " is compressed with gzip, and broken: ", () -> running(TextInput.of(spoilt)));
        }
        Path json = file("cut.json.gz",
                Arrays.copyOf(packed("{\"annotations\": [{\"caption\": \"a cat\"}]}"), 30));
        assertTrue(assertRefused(json.toString(), () -> captions(TextInput.of(json))).contains("it ends too early"));
    }

    @Test
    void standardInputIsRead() throws IOException {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("a cat\na dog".getBytes(StandardCharsets.UTF_8)));
            Captions captions = captions(TextInput.of(TextInput.STANDARD_INPUT));
            assertEquals(List.of("a cat", "a dog"), captions.texts());
            assertEquals("standard input, line 2", captions.place(1));
            System.setIn(new ByteArrayInputStream(packed("a cat\n")));
            assertEquals(List.of("a cat"), captions(TextInput.of(TextInput.STANDARD_INPUT)).texts());
            System.setIn(new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xE9}));
            assertTrue(assertRefused("standard input, line 2 is not valid UTF-8",
                    () -> captions(TextInput.of(TextInput.STANDARD_INPUT))).endsWith("; name its encoding"));
        } finally {
            System.setIn(before);
        }
    }

    /** A pipe can be read only once: the examined head must not be lost. */
    @Test
    @Needs({Need.BASH, Need.MKFIFO})
    void readsAPipe() {
        Path pipe = folder.resolve("pipe");
        Bash.run(folder, "mkfifo pipe");
        Thread.ofVirtual().start(() -> Bash.run(folder, "printf 'a man\\na dog\\n' >pipe"));
        assertEquals(List.of("a man", "a dog"), CaptionFile.read(pipe, 1000).texts());
    }

    /** Progress counts bytes as stored. */
    @Test
    void progressCoversAllFiles() throws IOException {
        Path one = file("one.txt", "a cat\n".repeat(20_000));
        Path two = file("two.gz", packed("a dog\n".repeat(20_000)));
        List<String> said = new ArrayList<>();
        CaptionFile.read(TextInput.of(one, two), Integer.MAX_VALUE, null,
                (bytes, total) -> said.add(bytes + " of " + total));
        long all = Files.size(one) + Files.size(two);
        assertEquals(all + " of " + all, said.getLast());
        assertTrue(said.size() > 3, said::toString);
        assertTrue(said.stream().allMatch(each -> each.endsWith(" of " + all)), said::toString);
    }
}
