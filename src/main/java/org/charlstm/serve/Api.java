package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.io.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.Safetensors;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.Prediction;
import org.charlstm.run.RunFolder;
import org.charlstm.run.StopRequest;

/** What is answered under {@code /api/}. */
final class Api {
    private static final String ID = "[A-Za-z0-9._-]{1,100}";
    private static final Pattern RUN = Pattern.compile("/api/runs/(" + ID + ")(/stop)?");
    private static final Pattern EVENTS = Pattern.compile("/api/runs/(" + ID + "(?:," + ID + "){0,7})/events");
    /** Clients that follow runs at once. */
    private static final int MAX_FOLLOWERS = 64;

    private final Catalog catalog;
    private final Texts texts;
    private final boolean allowStop;
    private final Semaphore followers = new Semaphore(MAX_FOLLOWERS);
    /** What models' headers say, by file. */
    private final Map<Path, Described> described = new ConcurrentHashMap<>();

    private record Described(FileTime at, JsonObject json) {
    }

    Api(Catalog catalog, Engine engine, boolean allowStop) {
        this.catalog = catalog;
        texts = new Texts(catalog, engine);
        this.allowStop = allowStop;
    }

    /** How many texts are read and written now. */
    int texts() {
        return texts.open();
    }

    /** Answers a request, or throws what is wrong with it. */
    void answer(Call call) throws IOException, InterruptedException {
        switch (call.path()) {
            case "/api/models" -> {
                require(call, "GET");
                call.json(200, models());
            }
            case "/api/runs" -> {
                require(call, "GET");
                call.json(200, runs());
            }
            case "/api/sample" -> {
                require(call, "POST");
                texts.sample(call);
            }
            case "/api/top" -> {
                require(call, "POST");
                texts.top(call);
            }
            case "/api/score" -> {
                require(call, "POST");
                texts.score(call);
            }
            case "/api/hidden" -> {
                require(call, "POST");
                texts.hidden(call);
            }
            default -> run(call);
        }
    }

    static void require(Call call, String method) {
        if (!call.method().equals(method) && !(method.equals("GET") && call.method().equals("HEAD"))) {
            call.answer().set("Allow", method);
            throw new Problem(405, "this is asked for with " + method);
        }
    }

    private void run(Call call) throws IOException, InterruptedException {
        Matcher path = RUN.matcher(call.path());
        Matcher events = EVENTS.matcher(call.path());
        if (events.matches()) {
            if (call.method().equals("HEAD")) {
                throw new Problem(405, "this is asked for with GET");
            }
            require(call, "GET");
            follow(call, Stream.of(events.group(1).split(",")).distinct().map(catalog::run).toList());
        } else if (!path.matches()) {
            throw new Problem(404, "there is nothing here; docs/serve.md says what there is");
        } else if (path.group(2) == null) {
            require(call, "GET");
            call.json(200, catalog.run(path.group(1)).json());
        } else {
            require(call, "POST");
            stop(call, catalog.run(path.group(1)));
        }
    }

    private void follow(Call call, List<ServedRun> runs) throws IOException, InterruptedException {
        if (!followers.tryAcquire()) {
            throw new Problem(503, MAX_FOLLOWERS + " clients follow runs already; try again later");
        }
        try {
            new RunEvents(call, runs).send();
        } finally {
            followers.release();
        }
    }

    private void stop(Call call, ServedRun run) throws IOException {
        new Fields(call.body()).end();
        if (!allowStop) {
            throw new Problem(403, "this server stops no run; it has to be started for that");
        }
        if (!RunFolder.isTraining(run.folder())) {
            throw new Problem(409, "no process trains into this run");
        }
        try {
            StopRequest.ask(run.folder());
        } catch (CharlstmException e) {
            throw new Problem(500, "the run's folder cannot be written to");
        }
        JsonObject json = new JsonObject();
        json.addProperty("asked", true);
        call.json(202, json);
    }

    private JsonObject runs() {
        List<ServedRun> all = catalog.runs();
        Map<ServedRun, Map<String, String>> settings = new LinkedHashMap<>();
        all.forEach(run -> settings.put(run, ServedRun.settings(run.read().said())));
        TreeSet<String> names = settings.values().stream().flatMap(each -> each.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        names.removeIf(name -> name.equals("out") || name.equals("resume")
                || settings.values().stream().map(each -> each.getOrDefault(name, "")).distinct().count() < 2);
        JsonArray array = new JsonArray();
        for (ServedRun run : all) {
            JsonObject json = run.summary();
            JsonObject differing = new JsonObject();
            Map<String, String> own = Objects.requireNonNull(settings.get(run), "each has some");
            names.forEach(name -> differing.addProperty(name, own.get(name)));
            json.add("settings", differing);
            array.add(json);
        }
        JsonObject json = new JsonObject();
        json.add("runs", array);
        json.addProperty("left_out", catalog.leftOut());
        json.addProperty("allow_stop", allowStop);
        return json;
    }

    private JsonObject models() {
        Map<String, Path> all = catalog.models();
        described.keySet().retainAll(all.values());
        JsonArray array = new JsonArray();
        all.forEach((id, file) -> {
            JsonObject json = new JsonObject();
            json.addProperty("id", id);
            describe(file).asMap().forEach(json::add);
            array.add(json);
        });
        JsonObject json = new JsonObject();
        json.add("models", array);
        return json;
    }

    private JsonObject describe(Path file) {
        try {
            FileTime at = Files.getLastModifiedTime(file);
            Described known = described.get(file);
            if (known == null || !known.at.equals(at)) {
                known = new Described(at, outline(file));
                described.put(file, known);
            }
            return known.json;
        } catch (IOException e) {
            return unusable("the file cannot be read");
        }
    }

    private static JsonObject outline(Path file) {
        try {
            ModelFile.Outline model = ModelFile.outline(file, Safetensors.readHeader(file)).orElse(null);
            if (model == null || model.vocabulary() == null) {
                return unusable("the file holds no model with its vocabulary");
            }
            JsonObject json = new JsonObject();
            json.addProperty("symbols", model.config().symbols());
            json.addProperty("characters", model.vocabulary().characters());
            json.addProperty("markers", model.vocabulary().hasMarkers());
            json.addProperty("needs_prime", !model.vocabulary().hasMarkers() && model.vocabulary().counts() == null);
            json.addProperty("steps", model.steps());
            json.add("units", Json.array(model.config().layers().stream().filter(LstmLayer.class::isInstance)
                    .map(layer -> ((LstmLayer) layer).units()).toList()));
            json.addProperty("window", model.config().prediction() == Prediction.LAST ? model.steps() : 0);
            json.addProperty("features", model.config().features());
            json.addProperty("parameters", model.config().parameters());
            return json;
        } catch (CharlstmException e) {
            return unusable("the file is broken; charlstm show says why");
        }
    }

    private static JsonObject unusable(String why) {
        JsonObject json = new JsonObject();
        json.addProperty("error", why);
        return json;
    }
}
