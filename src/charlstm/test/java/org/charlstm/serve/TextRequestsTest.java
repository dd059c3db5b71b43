package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Predictor;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.Scorer;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.sample.streams.TextPlan;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that a model writes and reads over HTTP, against those that it writes and reads here. */
@Tag("outside")
class TextRequestsTest {
    private static final SamplingOptions OPTIONS = SamplingOptions.DEFAULT.maxLength(30).prime("a ").temperature(0.9)
            .topK(8).topP(0.95);

    @TempDir
    private static Path folder;
    private static Served served;
    private static Device device;
    private static Model model;
    private static Vocabulary vocabulary;

    @BeforeAll
    static void serve() {
        Served.train(folder.resolve("run"));
        served = new Served(folder.resolve("run"));
        SavedModel saved = ModelFile.load(folder.resolve("run"));
        device = Devices.open("cpu", new DeviceOptions(1));
        model = new Model(device, saved.weights());
        vocabulary = saved.requireVocabulary();
    }

    @AfterAll
    static void close() {
        served.close();
        model.close();
        device.close();
    }

    private static LoadedModel loaded() {
        return new LoadedModel(device, ModelFile.load(folder.resolve("run")),
                new FileVersion(0, FileTime.fromMillis(0), ""));
    }

    private static JsonObject request(SamplingOptions options) {
        JsonObject json = new JsonObject();
        json.addProperty("model", "run");
        json.addProperty("prime", options.prime());
        json.addProperty("temperature", options.draw().temperature());
        json.addProperty("top_k", options.draw().topK());
        json.addProperty("top_p", options.draw().topP());
        json.addProperty("seed", options.seed());
        json.addProperty("max_length", options.maxLength());
        json.addProperty("past_end", options.pastEnd());
        json.addProperty("keep_state", options.keepState());
        return json;
    }

    private static List<JsonObject> lines(JsonObject request) throws Exception {
        Served.Answer answer = served.post("/api/sample", request.toString());
        assertEquals(200, answer.status(), answer.body());
        return answer.body().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private static String text(List<JsonObject> lines) {
        StringBuilder text = new StringBuilder();
        int characters = lines.getLast().get("characters").getAsInt();
        lines.subList(0, characters).forEach(line -> text.append(line.get("char").getAsString()
                .replace("<end>", Vocabulary.END_SIGN).replace("<start>", Vocabulary.START_SIGN)));
        return text.toString();
    }

    @Test
    void aTextEqualsTheSamplers() throws Exception {
        for (int seed = 1; seed <= 6; seed++) {
            SamplingOptions options = OPTIONS.seed(seed).pastEnd(seed % 2 == 0);
            JsonObject request = request(options);
            request.addProperty("sentence", 1);
            List<JsonObject> lines = lines(request);
            assertEquals(new Sampler(model, vocabulary, options).sentences(2).get(1), text(lines));
            assertEquals(2, lines.stream().filter(line -> line.has("given")).count());
        }
        served.awaitNothing();
    }

    @Test
    void sixtyFourClientsGetWhatEachGetsAlone() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> texts = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                SamplingOptions options = OPTIONS.seed(i).maxLength(200 + i).pastEnd(true);
                texts.add(clients.submit(() -> text(lines(request(options)))));
            }
            for (int i = 0; i < 64; i++) {
                assertEquals(new Sampler(model, vocabulary, OPTIONS.seed(i).maxLength(200 + i).pastEnd(true))
                        .sentences(1).getFirst(), texts.get(i).get());
            }
        }
    }

    @Test
    void aStateIsCarriedFromTextToText() throws Exception {
        SamplingOptions keeping = OPTIONS.keepState(true);
        List<String> texts = new ArrayList<>();
        String state = "";
        for (int i = 0; i < 3; i++) {
            JsonObject request = request(keeping);
            request.addProperty("sentence", i);
            request.addProperty("state", state);
            List<JsonObject> lines = lines(request);
            texts.add(text(lines));
            state = lines.getLast().get("state").getAsString();
        }
        assertEquals(new Sampler(model, vocabulary, keeping).sentences(3), texts);
        JsonObject request = request(keeping);
        request.addProperty("state", "made up");
        assertEquals(410, served.post("/api/sample", request.toString()).status());
    }

    @Test
    void aTextEndsBeforeAnother() throws Exception {
        int stopped = 0;
        for (int seed = 1; seed <= 12; seed++) {
            SamplingOptions options = OPTIONS.seed(seed).pastEnd(true).stop(seed % 2 == 0 ? "s" : "a ");
            JsonObject request = request(options);
            request.addProperty("stop", options.stop());
            List<JsonObject> lines = lines(request);
            assertEquals(new Sampler(model, vocabulary, options).sentences(1).getFirst(), text(lines));
            stopped += lines.getLast().get("end").getAsString().equals("stop") ? 1 : 0;
        }
        assertTrue(stopped > 2, stopped + " texts have what they end before");
        assertEquals(422, served.post("/api/sample", "{\"stop\":\"Q\"}").status());
        assertEquals(400, served.post("/api/sample", "{\"stop\":\"" + "a".repeat(101) + "\"}").status());
    }

    @Test
    void featuresConditionAText() throws Exception {
        Path file = folder.resolve("about.safetensors");
        ModelConfig config = model.config().conditioned(3);
        SavedModel about = new SavedModel(config, 20, vocabulary, InitialWeights.KERAS.weights(config, 7));
        ModelFile.save(file, about);
        Features features = new Features("features", new float[][] {{1.5f, -2, 0.25f}});
        String given = "\"features\":[1.5,-2,0.25]";
        try (Served own = new Served(file);
                Model conditioned = new Model(device, about.weights());
                Scorer scorer = new Scorer(conditioned, vocabulary, 1)) {
            JsonObject request = request(OPTIONS);
            request.addProperty("model", "about");
            request.add("features", JsonParser.parseString("[1.5,-2,0.25]"));
            List<JsonObject> lines = own.post("/api/sample", request.toString()).body().lines()
                    .map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
            assertEquals(new Sampler(conditioned, vocabulary, OPTIONS, Beginnings.all("a ").about(features))
                    .sentences(1).getFirst(), text(lines));
            double[] next = Predictor.next(conditioned, vocabulary, "a c", 0, features);
            JsonObject first = own.post("/api/top", "{\"prefix\":\"a c\",\"k\":1," + given + "}").json()
                    .getAsJsonArray("top").get(0).getAsJsonObject();
            assertEquals(Arrays.stream(next).max().orElseThrow(), first.get("probability").getAsDouble(), 1e-6);
            assertEquals(scorer.score(List.of(vocabulary.encode("a dog", "text")), features, new int[] {0}).getFirst()
                    .logProbability(),
                    own.post("/api/score", "{\"text\":\"a dog\"," + given + "}").json()
                            .get("log_probability").getAsDouble(),
                    1e-9);
            String units = own.post("/api/hidden", "{\"text\":\"a\"," + given + "}").body();
            assertNotEquals(units, own.post("/api/hidden", "{\"text\":\"a\",\"features\":[0,0,0]}").body());
            assertEquals(422, own.post("/api/sample", "{}").status());
            assertEquals(422, own.post("/api/sample", "{\"keep_state\":true," + given + "}").status());
            for (String wrong : List.of("[1,2]", "[1,2,3,4]", "1", "[1,2,\"3\"]", "[1,2,1e39]", "[1,2,null]")) {
                assertEquals(400, own.post("/api/sample", "{\"features\":" + wrong + "}").status(), wrong);
            }
        }
        assertEquals(422, served.post("/api/sample", "{" + given + "}").status());
    }

    @Test
    void topEqualsThePredictor() throws Exception {
        double[] expected = Predictor.next(model, vocabulary, "a c");
        JsonArray top = served.post("/api/top", "{\"model\":\"run\",\"prefix\":\"a c\",\"k\":4}").json()
                .getAsJsonArray("top");
        assertEquals(4, top.size());
        double before = 1;
        for (int i = 0; i < 4; i++) {
            JsonObject entry = top.get(i).getAsJsonObject();
            double probability = entry.get("probability").getAsDouble();
            String name = entry.get("char").getAsString();
            int symbol = name.equals("<end>") ? vocabulary.end() : name.equals("<start>") ? vocabulary.start()
                    : vocabulary.id(name.codePointAt(0));
            assertEquals(expected[symbol], probability, 1e-6);
            assertTrue(probability <= before);
            before = probability;
        }
    }

    /** Of what was given nothing is made that nobody asked for. */
    @Test
    void noLinesAreKeptBeforeTheFirstPosition() {
        LoadedModel loaded = loaded();
        LineReader reader = new LineReader(loaded, LineReader.Options.all(3).from(2));
        double[] even = new double[vocabulary.size()];
        Arrays.fill(even, -Math.log(even.length));
        for (int position = 0; position < 4; position++) {
            reader.symbol(position, 2, position < 2, even);
        }
        reader.end(GrowingText.Ending.LENGTH, null);
        List<JsonObject> lines = reader.all(0);
        assertEquals(List.of(2, 3), lines.subList(0, lines.size() - 1).stream()
                .map(line -> line.get("position").getAsInt()).toList());
        assertEquals(4, lines.getLast().get("characters").getAsInt());
        assertEquals(4, reader.scored());
    }

    @Test
    void aLongTextWaitsForBriefOnes() throws Exception {
        LoadedModel loaded = loaded();
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(1000).pastEnd(true);
        TextPlan plan = new TextPlan(new int[0], options, 0, false, new double[0], null);
        LineReader slow = new LineReader(loaded, new LineReader.Options(true, 0, 3, -1, 0));
        LineReader[] readers = {new LineReader(loaded, new LineReader.Options(false, 0, 1000, -1, 0)),
            new LineReader(loaded, new LineReader.Options(true, 0, 1000, -1, 0)), slow};
        for (LineReader reader : readers) {
            loaded.add(plan, reader);
        }
        for (int i = 0; i < 80; i++) {
            assertTrue(loaded.step());
        }
        int[] told = Stream.of(readers).mapToInt(reader -> reader.take(1000, 0).size()).toArray();
        assertEquals("[10, 80, 3]", Arrays.toString(told));
        readers[1].leave();
        slow.leave();
        for (int i = 0; i < 80; i++) {
            loaded.step();
        }
        assertTrue(readers[0].take(1000, 0).size() >= 79, "a long text waits for nobody");
        loaded.close();
    }

    @Test
    void fewLargeAnswersAreMadeAtOnce() throws Exception {
        String text = "a dog sits ".repeat(60);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Served.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String path = i % 2 == 0 ? "/api/score" : "/api/hidden";
                String body = "{\"text\":\"" + text + "\"" + (i % 2 == 0 ? ",\"top\":2}" : "}");
                answers.add(clients.submit(() -> served.post(path, body)));
            }
            int most = 0;
            while (!answers.stream().allMatch(Future::isDone)) {
                most = Math.max(most, served.server().texts());
                Thread.sleep(1);
            }
            assertTrue(most > 0 && most <= TextRequests.MAX_LARGE, most + " at once");
            for (Future<Served.Answer> answer : answers) {
                assertEquals(200, answer.get().status());
            }
        }
    }

    /** Even where memory is full. */
    @Test
    void aTextThatFailsEndsWithItsError() {
        LoadedModel loaded = loaded();
        LineReader reader = new LineReader(loaded, LineReader.Options.all(0));
        reader.symbol(0, 2, true, null);
        reader.failed(new CharlstmException("") {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new OutOfMemoryError("a test's own");
            }
        });
        reader.failed(new CharlstmException("it fails twice"));
        List<JsonObject> lines = reader.take(2, 0);
        assertEquals(2, lines.size());
        assertTrue(lines.getLast().has("error"));
    }

    @Test
    void scoreEqualsTheScorer() throws Exception {
        String text = "a dog sits";
        JsonObject json = served.post("/api/score", "{\"text\":\"" + text + "\",\"top\":2}").json();
        try (Scorer scorer = new Scorer(model, vocabulary, 1)) {
            Scorer.Score score = scorer.score(List.of(vocabulary.encode(text, "text"))).getFirst();
            assertEquals(score.logProbability(), json.get("log_probability").getAsDouble(), 1e-9);
            assertEquals(score.bits(), json.get("bits_per_character").getAsDouble(), 1e-9);
            assertEquals(text.length() + 1, json.get("symbols").getAsInt());
        }
        JsonArray characters = json.getAsJsonArray("characters");
        assertEquals(text.length() + 1, characters.size());
        double sum = 0;
        for (int i = 0; i < characters.size(); i++) {
            sum += Math.log(characters.get(i).getAsJsonObject().get("probability").getAsDouble());
        }
        assertEquals(json.get("log_probability").getAsDouble(), sum, 1e-2);
        assertEquals(2, characters.get(0).getAsJsonObject().getAsJsonArray("top").size());
    }

    @Test
    void hiddenGivesARowOfUnitsForEachCharacter() throws Exception {
        JsonObject json = served.post("/api/hidden", "{\"text\":\"a dog\"}").json();
        assertEquals(5, json.getAsJsonArray("values").size());
        assertEquals(5, json.getAsJsonArray("characters").size());
        json.getAsJsonArray("values").forEach(row -> {
            assertEquals(8, row.getAsJsonArray().size());
            row.getAsJsonArray().forEach(value -> assertTrue(Math.abs(value.getAsDouble()) <= 1));
        });
        assertEquals(422, served.post("/api/hidden", "{\"text\":\"\"}").status());
    }

    /** A run that goes on replaces its model. */
    @Test
    void aModelIsReadAgainWhenItsFileHasChanged() throws Exception {
        Path run = folder.resolve("changing");
        Served.train(run);
        try (Served own = new Served(run)) {
            String request = "{\"text\":\"a dog\"}";
            String before = own.post("/api/score", request).body();
            assertEquals(before, own.post("/api/score", request).body());
            JsonObject end = JsonParser.parseString(own.post("/api/sample", "{\"keep_state\":true}").body().lines()
                    .toList().getLast()).getAsJsonObject();
            String going = "{\"state\":" + end.get("state") + "}";
            assertEquals(200, own.post("/api/sample", going).status());
            Served.train(run, each -> each, Served.SETUP.epochs(6));
            assertNotEquals(before, own.post("/api/score", request).body());
            assertEquals(410, own.post("/api/sample", going).status(), "another model goes on from a state");
        }
    }
}
