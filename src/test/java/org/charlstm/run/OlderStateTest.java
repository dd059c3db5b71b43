package org.charlstm.run;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.charlstm.io.ModelFile;
import org.charlstm.io.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States as older versions wrote them. */
class OlderStateTest {
    @TempDir
    private Path folder;

    private static void rewrite(Path state, Consumer<JsonObject> change) throws IOException {
        Safetensors content = Safetensors.read(state);
        Map<String, String> metadata = content.metadata();
        JsonObject said = JsonParser.parseString(metadata.get("run")).getAsJsonObject();
        change.accept(said);
        metadata.put("run", said.toString());
        Safetensors.write(state, List.copyOf(content.tensors().values()), metadata);
    }

    /** Before there were schedules and other optimisers. */
    private static void makeOlder(JsonObject said) {
        said.remove("schedule");
        said.getAsJsonObject("best").remove("monitor");
        said.getAsJsonObject("options").addProperty("rmsprop-epsilon", "1.0E-8");
        JsonObject settings = said.getAsJsonObject("settings");
        List.of("accumulate", "schedule", "warm_up", "clip_value").forEach(settings::remove);
        settings.addProperty("update_rule", "RmsProp[decay=0.9, epsilon=1.0E-7]");
    }

    /** Before it was said whether an epoch is whole, and what a setting's name is made of. */
    private static void makeOldest(JsonObject said) {
        makeOlder(said);
        said.remove("whole");
        JsonObject settings = said.getAsJsonObject("settings");
        settings.remove("clip_norm");
        for (String name : List.of("batch_size", "learning_rate", "update_rule")) {
            settings.add(name.replace('_', ' '), settings.remove(name));
        }
    }

    @Test
    void oneFromBeforeSchedulesGoesOn() throws IOException {
        try (SmallRun small = new SmallRun()) {
            Path file = small.save(folder);
            RunState now = StateFile.load(file);
            rewrite(file, OlderStateTest::makeOlder);
            RunState older = StateFile.load(file);
            assertEquals(now.settings(), older.settings());
            assertEquals(now.training().course(), older.training().course());
            assertEquals(now.best(), older.best());
            assertEquals(Map.of("epochs", "3", "epsilon", "1.0E-8"), older.options());
            assertEquals(TrainingRun.End.IN_EPOCH, small.resume(folder));
        }
    }

    @Test
    void anEarlyOneIsShownButNotGoneOnWith() throws IOException {
        try (SmallRun small = new SmallRun()) {
            Path file = small.save(folder);
            Map<String, String> settings = StateFile.load(file).settings();
            rewrite(file, OlderStateTest::makeOldest);
            assertRefused(file + " is of an early version of charlstm", () -> small.resume(folder));
            assertEquals(settings, StateFile.summary(file, ModelFile.read(file).metadata()).orElseThrow().settings());
        }
    }

    /** Before padding was told apart: what is not known of an epoch under way stays unknown, and is not written. */
    @Test
    void oneWithoutTotalsOfRealCharactersGoesOn() throws IOException {
        try (SmallRun small = new SmallRun()) {
            Path file = small.save(folder);
            assertArrayEquals(new double[] {2.5, 1, 2, 1.5, 1}, StateFile.load(file).training().totals());
            rewrite(file, said -> said.getAsJsonArray("totals").remove(4));
            assertRefused(file + " has a broken description", () -> StateFile.load(file));
            rewrite(file, said -> said.getAsJsonArray("totals").remove(3));
            RunState older = StateFile.load(file);
            assertArrayEquals(new double[] {2.5, 1, 2, Double.NaN, Double.NaN}, older.training().totals());
            StateFile.save(file, older);
            assertArrayEquals(older.training().totals(), StateFile.load(file).training().totals());
            assertEquals(TrainingRun.End.IN_EPOCH, small.resume(folder));
        }
    }

    @Test
    void oneOfTodayWithoutItsScheduleIsBroken() throws IOException {
        try (SmallRun small = new SmallRun()) {
            Path file = small.save(folder);
            rewrite(file, said -> said.remove("schedule"));
            assertRefused(file + " has a broken description", () -> small.resume(folder));
        }
    }
}
