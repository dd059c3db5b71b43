package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.StopRequest;
import org.jspecify.annotations.Nullable;

/** Answers requests under {@code /api/}. */
final class Api {
    private static final String ID = "[A-Za-z0-9._-]{1,100}";
    private static final Pattern RUN = Pattern.compile("/api/runs/(" + ID + ")(/stop)?");
    private static final Pattern EVENTS = Pattern.compile("/api/runs/(" + ID + "(?:," + ID + "){0,7})/events");
    /** Options that are not settings of a run: they concern output, or the table shows them elsewhere. */
    static final Set<String> NO_SETTINGS = Set.of("out", "force", "resume", "verbose", "png", "tensorboard",
            "sample_every", "sample_count", "checkpoint_every", "keep", "rank_timeout", "text", "more_texts", "device");
    /** The greatest number of clients that follow runs at once. */
    private static final int MAX_FOLLOWERS = 64;
    /** How many runs are read in parallel; each reader may hold a part of a long file. */
    private static final int MAX_READERS = 8;
    /** How long the table waits for slow or long files; afterwards it shows what is known of them. */
    private static final long READ_MILLIS = 1000;

    private final Catalog catalog;
    final TextRequests texts;
    private final boolean allowStop;
    private final Semaphore followers = new Semaphore(MAX_FOLLOWERS);
    private final Semaphore readers = new Semaphore(MAX_READERS);
    private final Map<Path, Description> descriptions = new ConcurrentHashMap<>();

    private record Description(FileVersion version, JsonObject json) {
    }

    Api(Catalog catalog, DeviceThread deviceThread, boolean allowStop) {
        this.catalog = catalog;
        texts = new TextRequests(catalog, deviceThread);
        this.allowStop = allowStop;
    }

    /** Answers a request, or throws a {@link Problem}. */
    void answer(Call call) throws IOException, InterruptedException {
        switch (call.path()) {
            case "/api/sample" -> texts.sample(require(call, "POST"));
            case "/api/top" -> texts.top(require(call, "POST"));
            case "/api/score" -> texts.score(require(call, "POST"));
            case "/api/hidden" -> texts.hidden(require(call, "POST"));
            case "/api/models" -> require(call, "GET").json(200, models());
            case "/api/runs" -> require(call, "GET").json(200, runs());
            default -> run(call);
        }
    }

    /** The call, if it has the required method; else throws a {@link Problem}. */
    static Call require(Call call, String method) {
        if (!call.method().equals(method) && !(method.equals("GET") && call.method().equals("HEAD"))) {
            call.answer().set("Allow", method);
            throw new Problem(405, "this is asked for with " + method);
        }
        return call;
    }

    private void run(Call call) throws IOException, InterruptedException {
        Matcher path = RUN.matcher(call.path());
        Matcher events = EVENTS.matcher(call.path());
        if (events.matches()) {
            Problem.throwIf(call.method().equals("HEAD"), 405, "this is asked for with GET");
            follow(require(call, "GET"), Stream.of(events.group(1).split(",")).distinct().map(catalog::run).toList());
        } else if (!path.matches()) {
            throw new Problem(404, "there is nothing here; docs/serve.md says what there is");
        } else if (path.group(2) == null) {
            require(call, "GET").json(200, catalog.run(path.group(1)).json());
        } else {
            stop(require(call, "POST"), catalog.run(path.group(1)));
        }
    }

    private void follow(Call call, List<ServedRun> runs) throws IOException, InterruptedException {
        Problem.throwIf(!followers.tryAcquire(), 503, MAX_FOLLOWERS + " clients follow runs already; try again later");
        try {
            new RunEvents(call, runs).send();
        } finally {
            followers.release();
        }
    }

    private void stop(Call call, ServedRun run) throws IOException {
        new Fields(call.body()).end();
        Problem.throwIf(!allowStop, 403, "this server stops no run; it has to be started for that");
        Problem.throwIf(!RunFolder.isTraining(run.folder), 409, "no process trains into this run");
        try {
            StopRequest.ask(run.folder);
        } catch (CharlstmException e) {
            throw new Problem(500, "the run's folder cannot be written to");
        }
        call.json(202, Json.object("asked", true));
    }

    /** Rereads the runs that were last read over a second ago, until all are read or the time is up. */
    private void refresh(List<ServedRun> runs) throws InterruptedException {
        Queue<ServedRun> stale = runs.stream().filter(ServedRun::isStale)
                .collect(Collectors.toCollection(ConcurrentLinkedQueue::new));
        int count = stale.size();
        CountDownLatch left = new CountDownLatch(count);
        for (int i = 0; i < count && readers.tryAcquire(); i++) {
            Thread.startVirtualThread(() -> {
                try {
                    for (ServedRun run = stale.poll(); run != null; run = stale.poll()) {
                        run.readIfFree(READ_MILLIS);
                        left.countDown();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    readers.release();
                }
            });
        }
        left.await(READ_MILLIS, TimeUnit.MILLISECONDS);
    }

    JsonObject runs() throws InterruptedException {
        List<ServedRun> all = catalog.runs();
        refresh(all);
        Map<ServedRun, Map<String, String>> settings = new LinkedHashMap<>();
        Map<ServedRun, JsonObject> summaries = new HashMap<>();
        for (ServedRun run : all) {
            ServedRun.Snapshot known = run.known();
            settings.put(run, known == null ? Map.of() : ServedRun.settings(known.description()));
            summaries.put(run, known == null ? Json.object("id", run.id, "training", false, "state", "reading")
                    : known.summary().deepCopy());
        }
        TreeSet<String> names = settings.values().stream().flatMap(each -> each.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        names.removeIf(name -> NO_SETTINGS.contains(name)
                || settings.values().stream().map(each -> each.getOrDefault(name, "")).distinct().count() < 2);
        JsonArray array = new JsonArray();
        for (ServedRun run : all) {
            JsonObject json = Objects.requireNonNull(summaries.get(run), "every run has one");
            Map<String, @Nullable String> differing = new LinkedHashMap<>();
            Map<String, String> own = Objects.requireNonNull(settings.get(run), "every run has some");
            names.forEach(name -> differing.put(name, own.get(name)));
            json.add("settings", RunJson.typed(differing));
            array.add(json);
        }
        return Json.object("runs", array, "left_out", catalog.leftOut(), "allow_stop", allowStop);
    }

    private JsonObject models() {
        Map<String, Path> all = catalog.models();
        descriptions.keySet().retainAll(all.values());
        JsonArray array = new JsonArray();
        all.forEach((id, file) -> {
            JsonObject json = Json.object("id", id);
            describe(file).asMap().forEach(json::add);
            array.add(json);
        });
        return Json.object("models", array);
    }

    private JsonObject describe(Path file) {
        try {
            FileVersion version = FileVersion.of(file);
            Description known = descriptions.get(file);
            if (known == null || !known.version.equals(version)) {
                known = new Description(version, outline(file));
                descriptions.put(file, known);
            }
            return known.json;
        } catch (IOException e) {
            return Problem.json("the file cannot be read");
        }
    }

    private static JsonObject outline(Path file) {
        try {
            Safetensors.Header header = Safetensors.readHeader(file);
            ModelFile.Outline model = ModelFile.outline(file, header.shapes(), header.metadata()).orElse(null);
            if (model == null || model.vocabulary() == null) {
                return Problem.json("the file holds no model with its vocabulary");
            }
            return Json.object("symbols", model.config().symbols(), "characters", model.vocabulary().characters(),
                    "markers", model.vocabulary().hasMarkers(), "needs_prime",
                    !model.vocabulary().hasMarkers() && model.vocabulary().counts() == null, "steps", model.steps(),
                    "units", Json.array(model.config().layers(RecurrentLayer.class).stream().map(RecurrentLayer::units)
                            .toList()),
                    "window", model.config().prediction() == Prediction.LAST ? model.steps() : 0, "features",
                    model.config().features(), "parameters", model.config().parameters());
        } catch (CharlstmException e) {
            return Problem.json("the file is broken; charlstm show says why");
        }
    }
}
