package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of other programs, given to each command that takes one: the line says what to do with them. */
class ForeignModelTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
    }

    private static String refused(Path file) {
        String said = Refusal.of(Main.FAILED, folder, "sample", file);
        for (Object[] line : List.of(new Object[] {"top", file}, new Object[] {"eval", file, text},
                new Object[] {"verify", file, text}, new Object[] {"export", file, "-o", folder.resolve("new.h5")},
                new Object[] {"train", text, "--init", file, "--out", folder.resolve("new")})) {
            assertEquals(said, Refusal.of(Main.FAILED, folder, line));
        }
        return said;
    }

    private static Path zip(String name, String... entries) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
            }
        }
        return file;
    }

    /** The command that the line shows makes of it what all take. */
    @Test
    @Needs(Need.BASH)
    void aKerasFileIsImported() {
        for (String name : List.of("a model.h5", "b.weights.h5", "c.hdf5")) {
            Path file = folder.resolve(name);
            Tool.output("export", model, "-o", file);
            String said = refused(file);
            String before = file + " is a Keras file; import it with the text that it learned, or, if it is an export, "
                    + "take the model that was exported: charlstm ";
            assertTrue(said.startsWith("charlstm: " + before), said);
            String command = said.substring(10 + before.length()).replace(" TEXT ",
                    " " + text + " --order appearance ");
            assertTrue(Tool.output(Bash.words(command).toArray()).contains("saved as "), said);
            Path imported = folder.resolve(name.charAt(0) + (name.startsWith("a") ? " model" : "")
                    + "-imported.safetensors");
            assertEquals(ModelFile.load(model).weights(), ModelFile.load(imported).weights());
        }
    }

    @Test
    void anArchiveIsOneOfKerasByWhatIsInIt() throws IOException {
        assertTrue(refused(zip("x.keras", "metadata.json", "config.json", "model.weights.h5"))
                .contains("x.keras is a Keras file; import it "));
        assertFalse(refused(zip("x.pt", "data.pkl", "version")).contains("Keras"));
        Path broken = Files.write(folder.resolve("broken.keras"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0});
        assertFalse(refused(broken).contains("Keras"));
    }

    @Test
    void anExportToPyTorchIsOne() {
        Path file = folder.resolve("pytorch.safetensors");
        Tool.output("export", model, "-o", file);
        assertEquals("charlstm: " + file + " holds weights by PyTorch's names, as an export does, and no vocabulary; "
                + "take the model that was exported", refused(file));
    }
}
