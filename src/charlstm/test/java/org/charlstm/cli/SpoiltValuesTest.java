package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.Refusals;
import org.charlstm.SpoiltJson;
import org.charlstm.circle.Sampled;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.Safetensors;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every value in the JSON of every file that a command reads, spoilt one at a time: the command makes something of it,
 * or ends with one line for people.
 */
@Sampled
class SpoiltValuesTest {
    private static final int MOST = Math.max(30, Fuzz.CASES / 15);

    @TempDir
    private static Path folder;
    private static Path run;

    @BeforeAll
    static void train() {
        Path text = Tiny.text(folder);
        run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--epochs", 2, "--validation-split", 0.2, "--test-split", 0.2,
                "--sample-every", 1));
    }

    /**
     * Runs a command on the right document, which it must take, then on spoilt ones.
     *
     * @param most how many
     * @return the share of them that it refused
     */
    private static double spoil(String name, String right, int most, Writing writing, Function<Path, Tool> command)
            throws IOException {
        Tool taken = command.apply(writing.of(right));
        assertEquals(0, taken.code(), () -> name + ": " + taken);
        int refused = 0;
        List<String> spoilt = SpoiltJson.of(right, most);
        for (String json : spoilt) {
            Tool tool = command.apply(writing.of(json));
            assertTrue(tool.code() >= 0 && tool.code() <= 2, () -> json + "\n" + tool);
            Refusals.INSIDES.forEach(word -> assertFalse(tool.err().contains(word), () -> json + "\n" + tool.err()));
            tool.err().lines().forEach(line -> Refusals.assertLine("", line));
            if (tool.code() != 0) {
                refused++;
                assertTrue(tool.err().startsWith("charlstm: "), () -> json + "\n" + tool.err());
            }
        }
        System.out.printf(Locale.ROOT, "%s: %d spoilt, %d refused%n", name, spoilt.size(), refused);
        return (double) refused / spoilt.size();
    }

    /** Writes a spoilt file. */
    private interface Writing {
        Path of(String json) throws IOException;
    }

    /** A copy of a model file in which the string of a key is another. */
    private static Writing metadata(Path original, Path to, String key) {
        return json -> Tiny.changed(original, to,
                header -> header.getAsJsonObject("__metadata__").addProperty(key, json));
    }

    private static String said(Path file, String key) {
        return Safetensors.read(file).metadata().get(key);
    }

    private void shown(String name, String key) throws IOException {
        Path file = run.resolve(name);
        Path to = Files.createDirectories(folder.resolve("shown")).resolve(name);
        assertTrue(spoil("show " + key, said(file, key), MOST, metadata(file, to, key),
                spoilt -> Tool.run("show", spoilt)) > 0.15);
        assertTrue(spoil("show --json " + key, said(file, key), MOST / 3, metadata(file, to, key),
                spoilt -> Tool.run("show", "--json", spoilt)) > 0.15);
    }

    @Test
    void modelsThatAreShown() throws IOException {
        for (String key : List.of("config", "vocabulary", ModelFile.LAYOUT)) {
            shown(ModelFile.NAME, key);
        }
        shown(RunFolder.BEST, "best");
        shown(StateFile.NAME, "run");
    }

    @Test
    void headersOfSafetensors() throws IOException {
        byte[] file = Files.readAllBytes(run.resolve(ModelFile.NAME));
        int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        Path to = folder.resolve("header.safetensors");
        assertTrue(spoil("header", new String(file, 8, length, StandardCharsets.UTF_8), MOST, json -> {
            byte[] header = json.getBytes(StandardCharsets.UTF_8);
            int data = file.length - 8 - length;
            return Files.write(to, ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length).put(header).put(file, 8 + length, data).array());
        }, spoilt -> Tool.run("show", spoilt)) > 0.8);
    }

    /** Goes on with the run from the same state and best model, with one file spoilt. */
    private double resume(String name, String right, int most, Writing writing) throws IOException {
        Path file = run.resolve(name);
        byte[] before = Files.readAllBytes(file);
        byte[] state = Files.readAllBytes(run.resolve(StateFile.NAME));
        byte[] best = Files.readAllBytes(run.resolve(RunFolder.BEST));
        double refused = spoil("resume " + name, right, most, json -> {
            Files.write(run.resolve(StateFile.NAME), state);
            Files.write(run.resolve(RunFolder.BEST), best);
            return writing.of(json);
        }, _ -> Tool.run("train", "--resume", run, "--epochs", 2, "--device", "cpu", "--threads", 1));
        Files.write(run.resolve(StateFile.NAME), state);
        Files.write(run.resolve(RunFolder.BEST), best);
        Files.write(file, before);
        return refused;
    }

    @Test
    void runsThatGoOn() throws IOException {
        Path state = Files.copy(run.resolve(StateFile.NAME), folder.resolve("state"));
        assertTrue(resume(StateFile.NAME, said(state, "run"), MOST,
                metadata(state, run.resolve(StateFile.NAME), "run")) > 0.5);
        Path best = Files.copy(run.resolve(RunFolder.BEST), folder.resolve("best"));
        assertTrue(resume(RunFolder.BEST, said(best, "best"), MOST / 3,
                metadata(best, run.resolve(RunFolder.BEST), "best")) > 0.5);
        for (String name : List.of(RunFolder.METRICS, RunFolder.SAMPLES)) {
            Path file = run.resolve(name);
            assertTrue(resume(name, firstLine(file), MOST / 3, json -> Files.writeString(file, json + "\n")) > 0);
        }
        Path described = run.resolve(RunFolder.RUN);
        resume(RunFolder.RUN, Files.readString(described), MOST / 3, json -> Files.writeString(described, json));
    }

    private static String firstLine(Path file) throws IOException {
        return Files.readString(file).lines().findFirst().orElseThrow();
    }

    @Test
    void runsThatAreReportedAndShown() throws IOException {
        for (String name : List.of(RunFolder.RUN, RunFolder.METRICS, RunFolder.SAMPLES)) {
            Path file = run.resolve(name);
            String whole = Files.readString(file);
            String one = name.equals(RunFolder.RUN) ? whole : firstLine(file);
            spoil("report " + name, one, MOST / 2, json -> Files.writeString(file, json + "\n"),
                    _ -> Tool.run("report", run));
            spoil("show " + name, one, MOST / 3, json -> Files.writeString(file, json + "\n"),
                    _ -> Tool.run("show", "--last", run));
            Files.writeString(file, whole);
        }
    }

    @Test
    void captionsOfCoco() throws IOException {
        String coco = "{\"info\": {\"year\": 2017}, \"images\": [{\"id\": 1, \"sentences\": [{\"raw\": \"a cat\"}]}],"
                + " \"annotations\": [{\"id\": 7, \"caption\": \"a dog\"}, {\"id\": 8, \"caption\": \"two dogs\"}]}";
        Path file = folder.resolve("coco.json");
        assertTrue(spoil("captions", coco, MOST, json -> Files.writeString(file, json), spoilt -> Tool.run("train",
                spoilt, "--out", folder.resolve("other"), "--force", "--epochs", 0, "--hidden", 2, "--dense", 0)) > 0);
    }

    @Test
    void archivesOfKeras() throws IOException {
        Path archive = folder.resolve("model.keras");
        Tool.output("export", "--last", run, "-o", archive);
        String characters = Tool.json("show", "--last", run, "--json").getAsJsonObject("vocabulary").get("characters")
                .getAsString();
        Path to = folder.resolve("spoilt.keras");
        for (String name : List.of("config.json", "metadata.json")) {
            String right;
            try (ZipFile zip = new ZipFile(archive.toFile())) {
                right = new String(zip.getInputStream(zip.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
            }
            assertTrue(spoil("import " + name, right, MOST, json -> changed(archive, to, name, json),
                    spoilt -> Tool.run("import", spoilt, "--alphabet", characters, "-o",
                            folder.resolve("imported.safetensors"))) > 0.2);
        }
    }

    private static Path changed(Path archive, Path to, String name, String json) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements();) {
                String each = all.nextElement().getName();
                out.putNextEntry(new ZipEntry(each));
                out.write(each.equals(name) ? json.getBytes(StandardCharsets.UTF_8)
                        : zip.getInputStream(zip.getEntry(each)).readAllBytes());
            }
        }
        return to;
    }
}
