package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Python;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that only claim to be from Keras. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("outside")
class HostileKerasTest {
    private static final String CONFIG = "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[]}}";
    private static final String METADATA = "{\"keras_version\":\"3.1.0\"}";

    @TempDir
    private Path folder;

    private static String refused(Path file) {
        return assertRefused(file.toString(), () -> KerasImport.of(KerasFile.read(file), Optional.empty()));
    }

    private String refused(byte[] bytes) throws IOException {
        return refused(Files.write(folder.resolve("hostile.h5"), bytes));
    }

    private byte[] exported() throws IOException {
        Path file = folder.resolve("exported.h5");
        ExportFormat.KERAS.write(file, Exported.model(RecurrentActivation.SIGMOID));
        return Files.readAllBytes(file);
    }

    @Test
    void otherFiles() throws IOException {
        assertTrue(refused(folder).contains("folder"));
        assertTrue(refused(folder.resolve("missing.h5")).contains("does not exist"));
        assertTrue(refused(new byte[0]).contains("neither"));
        assertTrue(refused("a text that is named .h5\n".repeat(100).getBytes(StandardCharsets.UTF_8))
                .contains("neither"));
        byte[] random = new byte[10_000];
        new Random(1).nextBytes(random);
        refused(random);
        System.arraycopy(exported(), 0, random, 0, 8);
        refused(random);
    }

    @Test
    void cutShortAnywhere() throws IOException {
        byte[] whole = exported();
        for (int length = 0; length < whole.length - 200; length += 97) {
            refused(Arrays.copyOf(whole, length));
        }
    }

    /** HDF5 that h5py can write and Keras never writes. */
    @Test
    @Needs(Need.H5PY)
    void foreignHdf5() throws IOException, InterruptedException {
        Python.output("h5py", "hostile_hdf5.py", folder);
        Path right = folder.resolve("right.h5");
        assertEquals(2, KerasFile.read(right).layers().size());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(one -> !one.equals(right)).toList()) {
                refused(file);
            }
        }
        assertTrue(refused(folder.resolve("huge.h5")).contains("larger than the file"));
        assertTrue(refused(folder.resolve("chunked.h5")).contains("h5repack"));
        assertTrue(refused(folder.resolve("strings.h5")).contains("floating-point"));
        assertTrue(refused(folder.resolve("external.h5")).contains("holds no array kernel:0"));
        assertTrue(refused(folder.resolve("deep.h5")).contains("too deep"));
        assertTrue(refused(folder.resolve("missing.h5")).contains("gone"));
    }

    /** Real files have no checksums. Changes the sizes of an array in one. */
    @Test
    @Needs(data = "keras")
    void falseSizes() throws IOException {
        byte[] whole = Files.readAllBytes(TestData.file("keras/dl4j_simple_lstm_tf_keras_1_weights.h5"));
        byte[] shape = new byte[16];
        shape[0] = 50;
        shape[8] = 50;
        int at = 0;
        while (!Arrays.equals(whole, at, at + 16, shape, 0, 16)) {
            at++;
        }
        for (int place : new int[] {at + 4, at + 7, at + 15}) {
            byte[] lying = whole.clone();
            lying[place] = 0x10;
            assertTrue(refused(lying).contains("larger than the file"), "byte " + place);
        }
    }

    @Test
    void endlessReadingIsStopped() throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("round.h5"), exported());
        Thread[] reader = new Thread[1];
        try (FileChannel channel = FileChannel.open(file)) {
            assertTrue(assertRefused(file.toString(), () -> Hdf5.read(file.toString(), channel, root -> {
                reader[0] = Thread.currentThread();
                while (true) {
                    root.group("model_weights").orElseThrow().group("lstm_1").orElseThrow().array(
                            "lstm_1/kernel:0");
                }
            })).contains("memory or time"));
        }
        reader[0].join(20_000);
        assertTrue(!reader[0].isAlive(), "the thread goes on");
    }

    private Path archive(Object... namesAndContents) throws IOException {
        Path file = folder.resolve("hostile.keras");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndContents[i].toString()));
                if (namesAndContents[i + 1] instanceof Integer megabytes) {
                    for (int written = 0; written < megabytes; written++) {
                        zip.write(new byte[1 << 20]);
                    }
                } else {
                    zip.write(namesAndContents[i + 1].toString().getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return file;
    }

    @Test
    void brokenArchives() throws IOException {
        assertTrue(refused(archive("a.txt", "x")).contains("metadata.json"));
        assertTrue(refused(archive("metadata.json", "7", "config.json", CONFIG)).contains("metadata.json"));
        assertTrue(refused(archive("metadata.json", "{}", "config.json", CONFIG)).contains("metadata.json"));
        assertTrue(refused(archive("metadata.json", METADATA)).contains("config.json"));
        assertTrue(refused(archive("metadata.json", METADATA, "config.json", "{")).contains("description"));
        assertTrue(refused(archive("metadata.json", METADATA, "config.json", CONFIG)).contains("model.weights.h5"));
        refused(archive("metadata.json", METADATA, "config.json", CONFIG, "model.weights.h5", "x"));
        byte[] whole = Files.readAllBytes(archive("metadata.json", METADATA, "config.json", CONFIG));
        for (int length = 4; length < whole.length; length += 7) {
            refused(Arrays.copyOf(whole, length));
        }
    }

    /** The JDK's zip reader may end such a file as one that is too short, which is no word for people. */
    @Test
    void archivesWithASpoiltDirectory() throws IOException {
        Path file = folder.resolve("spoilt.keras");
        ExportFormat.KERAS3.write(file, Exported.model(RecurrentActivation.SIGMOID));
        byte[] whole = Files.readAllBytes(file);
        int refused = 0;
        for (int at = whole.length - 22; at < whole.length; at++) {
            for (int value = 0; value < 256; value += 15) {
                byte[] spoilt = whole.clone();
                spoilt[at] = (byte) value;
                Files.write(file, spoilt);
                try {
                    KerasFile.read(file);
                } catch (CharlstmException e) {
                    refused++;
                    assertFalse(e.getMessage().contains("Exception"), e.getMessage());
                }
            }
        }
        assertTrue(refused > 100, refused + " refused");
    }

    /** Each layer's sizes are those of its weights, and no name is in an object twice. */
    @Test
    void configurationsThatContradictTheWeights() throws IOException {
        Path right = folder.resolve("right.keras");
        ExportFormat.KERAS3.write(right, Exported.everyKind(false));
        try (FileSystem zip = FileSystems.newFileSystem(right)) {
            Path config = zip.getPath("config.json");
            String said = Files.readString(config);
            for (String key : List.of("units", "input_dim", "output_dim")) {
                Matcher member = Pattern.compile("\"" + key + "\": ?(\\d+)").matcher(said);
                assertTrue(member.find(), key);
                for (String value : List.of("2147483647", "-5", "1e400", "[1]", "2.5", "\"3\"")) {
                    String other = said.substring(0, member.start(1)) + value + said.substring(member.end(1));
                    assertTrue(refused(spoilt(right, other)).matches(".*(and its weights have|is .*, not a whole).*"));
                }
                String twice =
                        said.substring(0, member.start()) + member.group() + "," + said.substring(member.start());
                assertTrue(refused(spoilt(right, twice)).contains("the name \"" + key + "\" is in it twice"));
            }
        }
    }

    private Path spoilt(Path archive, String config) throws IOException {
        Path copy = Files.copy(archive, folder.resolve("copy.keras"), StandardCopyOption.REPLACE_EXISTING);
        try (FileSystem zip = FileSystems.newFileSystem(copy)) {
            Files.writeString(zip.getPath("config.json"), config);
        }
        return copy;
    }

    @Test
    void zipBombs() throws IOException {
        assertTrue(refused(archive("metadata.json", METADATA, "config.json", CONFIG, "model.weights.h5", 100))
                .contains("larger"));
        assertTrue(refused(archive("metadata.json", METADATA, "config.json", 100)).contains("larger"));
        assertTrue(refused(archive("metadata.json", 100)).contains("larger"));
    }
}
