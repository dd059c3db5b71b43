package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Spread;
import org.charlstm.bench.Build;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.bench.Grid;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.ResultRow;
import org.charlstm.bench.Results;
import org.charlstm.bench.TextSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench merge}, and what {@code bench --part} refuses; the measurements are made up. */
class BenchMergeCommandTest {
    private static final List<Configuration> GRID = IntStream.rangeClosed(1, 5).mapToObj(batch -> new Configuration(
            "cpu", "float32", 2, batch, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab")).toList();

    @TempDir
    private Path folder;

    private static ResultRow row(Configuration configuration, Status status) {
        Spread seconds = new Spread(configuration.batchSize(), configuration.batchSize(), configuration.batchSize());
        boolean measured = status == Status.MEASURED;
        return new ResultRow(configuration, 1L, status, measured ? null : "a reason", measured ? seconds : null,
                List.of(),
                List.of(), measured ? seconds : null, null, null, null, null, null, null, null, null, List.of(),
                List.of());
    }

    private Path part(int number, int of, String processor, String commit, int epochs, Status last) throws IOException {
        JsonObject machine = new JsonObject();
        machine.addProperty("processor", processor);
        machine.addProperty("processors", 2);
        Grid.Part part = new Grid.Part(number, of, GRID);
        List<Configuration> own = part.configurations();
        List<ResultRow> rows = IntStream.range(0, own.size())
                .mapToObj(i -> row(own.get(i), i == own.size() - 1 ? last : Status.MEASURED)).toList();
        Results results = new Results(Results.FORMAT, List.of("charlstm", "bench", "" + number),
                "2026-01-01T00:00:0" + number + "Z",
                last == Status.MEASURED ? "2026-01-01T00:01:0" + number + "Z" : null,
                new Build("1", commit, false), machine,
                new TextSource.Summary("node" + number, 20, 200, 16, 20, "ab", null),
                new Grid.Protocol(epochs, 1, 1, "auto", "auto", true, "auto", null, null),
                List.of(new DeviceSetup.Summary("cpu", "float32", 2, processor, processor)), rows, part, null);
        Path to = Files.createDirectories(folder.resolve(processor + number + "of" + of + epochs + last));
        Files.writeString(to.resolve(Results.NAME), Json.pretty(Json.of(results)));
        return to;
    }

    private Path part(int number) throws IOException {
        return part(number, 2, "x", "c", 2, Status.MEASURED);
    }

    @Test
    void partsInAnyOrderAreTheGridInItsOrder() throws IOException {
        Path out = folder.resolve("merged");
        Object[] line = {"bench", "merge", part(2).resolve(Results.NAME), part(1), "-o", out};
        String printed = Tool.output(line);
        assertTrue(printed.contains("results in " + out), printed);
        Results merged = Results.read(out);
        assertEquals(GRID.stream().map(each -> row(each, Status.MEASURED)).toList(), merged.rows());
        assertEquals("2026-01-01T00:00:01Z", merged.started());
        assertEquals("2026-01-01T00:01:02Z", merged.finished());
        assertEquals(new Build("1", "c", false), merged.charlstm());
        assertEquals("x", merged.machine().get("processor").getAsString());
        assertEquals(1, merged.devices().size());
        assertNull(merged.part());
        assertEquals(List.of("1/2", "2/2"),
                merged.parts().stream().map(each -> each.number() + "/" + each.of()).toList());
        assertEquals(6, Files.readAllLines(out.resolve("results.csv")).size());
        assertTrue(Files.exists(out.resolve("report.html")));
        // The same again, in the place of the first.
        assertEquals(printed, Tool.output(line));
        // Of one kind of machine, it is compared as if it had been measured there in one go.
        Path whole = part(1, 1, "x", "d", 2, Status.MEASURED);
        assertTrue(Tool.output("bench", "compare", out, whole).contains("1.000"));
        Path elsewhere = part(1, 1, "y", "d", 2, Status.MEASURED);
        assertTrue(Refusal.of(Main.FAILED, folder, "bench", "compare", out, elsewhere)
                .contains("machine.processor is \"y\", not \"x\""));
    }

    @Test
    void whereMachinesDifferEachPartKeepsItsOwn() throws IOException {
        Path out = folder.resolve("merged");
        Tool.output("bench", "merge", part(1), part(2, 2, "y", "d", 2, Status.MEASURED), "--out", out);
        Results merged = Results.read(out);
        assertEquals(new Build("1", null, false), merged.charlstm());
        assertEquals(JsonNull.INSTANCE, merged.machine().get("processor"));
        assertEquals(2, merged.machine().get("processors").getAsInt());
        assertEquals(List.of("x", "y"), merged.devices().stream().map(DeviceSetup.Summary::hardware).toList());
        assertEquals(List.of("x", "y"), merged.parts().stream().map(Results.MeasuredPart::machine)
                .map(machine -> machine.get("processor").getAsString()).toList());
        assertEquals(List.of("c", "d"), merged.parts().stream().map(each -> each.charlstm().commit()).toList());
        // Rows that swapped machines are not alike, though both have null in the place of the processor.
        Path swapped = folder.resolve("swapped");
        Tool.output("bench", "merge", part(1, 2, "y", "d", 2, Status.MEASURED), part(2), "--out", swapped);
        String message = Refusal.of(Main.FAILED, folder, "bench", "compare", out, swapped);
        assertTrue(message.contains("machine.processor.1/2 is \"y\", not \"x\"")
                && message.contains("devices.cpu float32 threads 2.2/2 is \"x\", not \"y\""), message);
        assertTrue(Tool.output("bench", "compare", out, out).contains("1.000"));
    }

    @Test
    void whatIsMissingIsSaidAndFails() throws IOException {
        Path out = folder.resolve("merged");
        Tool tool = Tool.run("bench", "merge", part(1, 3, "x", "c", 2, Status.UNFINISHED),
                part(3, 3, "x", "c", 2, Status.MEASURED), "-o", out);
        assertEquals(Main.FAILED, tool.code());
        String label = "charlstm: warning: cpu float32, threads 2, batch %d, hidden 8, layers 1, dense 4: part %s";
        assertEquals(List.of(String.format(label, 2, "2/3 is missing"), String.format(label, 4, "1/3 is unfinished"),
                String.format(label, 5, "2/3 is missing")), tool.err().lines().toList());
        Results merged = Results.read(out);
        assertNull(merged.finished());
        assertEquals(Stream.of(Status.MEASURED, Status.UNFINISHED, Status.MEASURED, Status.UNFINISHED,
                Status.UNFINISHED).toList(), merged.rows().stream().map(ResultRow::status).toList());
        assertEquals(GRID, merged.rows().stream().map(ResultRow::configuration).toList());
        tool = Tool.run("bench", "merge", part(1, 1, "x", "c", 2, Status.FAILED), "-o", out);
        assertEquals(Main.FAILED, tool.code());
        assertEquals("", tool.err());
    }

    private void refused(String why, Object... parts) {
        Path out = folder.resolve("new");
        String message = Refusal.of(Main.FAILED, folder,
                Tiny.with(Tiny.with(new Object[] {"bench", "merge"}, parts), "-o", out));
        assertTrue(message.contains(why), message);
        assertFalse(Files.exists(out));
    }

    @Test
    void partsThatDoNotFitTogetherAreRefused() throws IOException {
        Path one = part(1);
        refused("are both part 1/2; name each part once", one, one);
        refused("is of another grid than " + one + ": parts is 3, not 2; name parts of one grid", one,
                part(2, 3, "x", "c", 2, Status.MEASURED));
        refused("protocol.epochs is 3, not 2", one, part(2, 2, "x", "c", 3, Status.MEASURED));
        Path other = part(2);
        Path file = other.resolve(Results.NAME);
        String right = Files.readString(file);
        Files.writeString(file, right.replace("\"sha256\": \"ab\"", "\"sha256\": \"cd\""));
        refused("text.sha256 is \"cd\", not \"ab\"", one, other);
        Files.writeString(file, right.replace("\"layers\": 1", "\"layers\": 2"));
        refused("grid[0].layers is 2, not 1", one, other);
        Files.writeString(file, right.replace("\"number\": 2", "\"number\": 1"));
        refused("its configurations are not those of part 1/2", one, other);
        Files.writeString(file, right.replace("\"number\": 2", "\"number\": 0"));
        refused("part is 0/2", one, other);
        Files.writeString(file, right.replaceFirst("(?s)\"grid\": \\[.*?\\]", "\"grid\": [null]"));
        refused("part.grid", one, other);
        Files.writeString(file, right.replaceFirst("\"started\": \"[^\"]*\"", "\"started\": null"));
        refused("started is missing", one, other);
        Files.writeString(file, right.replaceFirst("\"epoch_seconds\": \\[\\]", "\"epoch_seconds\": null"));
        refused("epoch_seconds is missing", one, other);
        JsonObject whole = JsonParser.parseString(right).getAsJsonObject();
        whole.add("part", JsonNull.INSTANCE);
        Files.writeString(file, Json.pretty(whole));
        refused("is a whole grid; name the results of charlstm bench with --part", one, other);
        refused("does not exist", one, folder.resolve("none"));
        Path merged = folder.resolve("merged");
        Tool.output("bench", "merge", part(1), part(2), "-o", merged);
        refused("is merged already", merged);
    }

    @Test
    void whatWasMeasuredIsNotOverwritten() throws IOException {
        Path one = part(1);
        assertTrue(Refusal.of(Main.FAILED, folder, "bench", "merge", one, part(2), "-o", one)
                .contains("holds what charlstm bench has measured; name another folder"));
    }
}
