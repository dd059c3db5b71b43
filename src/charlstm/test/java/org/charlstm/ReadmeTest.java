package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import module java.base;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.programs.CudaExamplesTest;
import org.charlstm.programs.Programs;
import org.charlstm.run.Setup;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The pages: links that lead somewhere, the program of docs/library.md, and the examples without a GPU. */
@Tag("outside")
class ReadmeTest {
    /** Maven brings the dependencies that are not optional with the library; they have none besides. */
    private static final Set<String> JARS =
            Set.of("charlstm-cuda", "charlstm-kernels", "commons-lang3", "error_prone_annotations",
                    "gson", "jhdf", "jspecify", "slf4j-api");

    /** A program that serves until it is ended. */
    private static final String SERVICE = "ServeModel";

    @TempDir
    private Path folder;

    private static Stream<Path> pages() throws IOException {
        List<Path> pages =
                new ArrayList<>(List.of(Path.of("README.md"), Path.of("native/README.md"), Path.of("native/rules.md"),
                        Path.of("kernels/README.md"), Path.of("bench/README.md"),
                        Path.of("src/cuda/README.md"), Path.of("src/kernels/README.md"),
                        Path.of("src/charlstm/README.md")));
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        assertTrue(pages.size() > 15, pages::toString);
        return pages.stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhereAndNothingIsLeftBlank(Path page) throws IOException {
        String text = Files.readString(page);
        assertFalse(Pattern.compile("@[A-Z]+@").matcher(text).find(), page + " has a blank that nobody filled in");
        Matcher link = Pattern.compile("]\\((?!https?:)([^)#]+)").matcher(text);
        while (link.find()) {
            assertTrue(Files.exists(page.resolveSibling(link.group(1))), page + " links to " + link.group(1));
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void programsInPythonImportWhatTheyUse(Path page) throws IOException {
        String program = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page))
                .results().map(block -> block.group(1)).collect(Collectors.joining());
        for (String module : List.of("torch", "safetensors")) {
            assertEquals(Pattern.compile("\\b" + module + "\\.").matcher(program).find(),
                    Pattern.compile("^import " + module + "\\b", Pattern.MULTILINE).matcher(program).find(),
                    page + " and the import of " + module);
        }
    }

    /** Compiled here, and run one after the other in processes with a folder of their own: with the library alone. */
    @Test
    void theProgramsCompileAndDoWhatTheySay() throws IOException, InterruptedException {
        Matcher program = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/library.md")));
        assertTrue(program.find(), "docs/library.md shows no Java program");
        List<Path> sources = new ArrayList<>(List.of(Files.writeString(folder.resolve("Library.java"),
                program.group(1))));
        try (Stream<Path> examples = Files.list(Path.of("examples"))) {
            examples.filter(file -> file.toString().endsWith(".java")
                    && !CudaExamplesTest.PROGRAMS.contains(name(file)) && !name(file).equals(SERVICE)).sorted()
                    .forEach(sources::add);
        }
        String smallest = smallestUse();
        sources.add(Files.writeString(folder.resolve("Smallest.java"),
                "import org.charlstm.device.*;\nvoid main() {\n" + smallest + "}\n"));
        compile(sources);
        String library = libraryPath();
        Map<String, List<String>> said = run(List.of("-cp", path(library)), sources.stream().map(ReadmeTest::name)
                .toList());
        assertEquals(Set.of("Library", "OwnLoop", "OwnModel", "Smallest", "ToKerasAndBack", "TrainAndSample"),
                said.keySet(), "an example without a check");
        requireSentencesWithoutLog(said);
        assertEquals(3, said.get("Library").size(), said.toString());
        said.get("Library").forEach(line -> assertTrue(program.group(1).contains('"' + line + '"'),
                line + " is none of the captions that it learned"));
        assertEquals(5, said.get("OwnLoop").size(), said.toString());
        assertTrue(said.get("OwnLoop").getLast().matches("epoch 5: loss .*, .* bits on captions .*"), said.toString());
        ModelFile.load(folder.resolve("best.safetensors"));
        requireTrained(said.get("OwnModel"));
        assertEquals(1, said.get("Smallest").size(), said.toString());
        assertTrue(smallest.contains("// " + said.get("Smallest").getFirst()), said.toString());
        List<String> epochs = said.get("TrainAndSample").stream().filter(line -> line.matches(
                "epoch \\d+: \\{loss=.*, val_loss=.*, seconds=.*, chars_per_second=.*}")).toList();
        assertTrue(epochs.size() > 1 && epochs.size() < 20, "it does not stop early: " + said);
        assertEquals(epochs.size() + 3, said.get("TrainAndSample").size(), said.toString());
        List<String> learned = Pattern.compile("\"([a-z ]+)\"").matcher(Files.readString(Path.of(
                "examples/TrainAndSample.java"))).results().flatMap(part -> Stream.of(part.group(1).split(" ")))
                .toList();
        List<String> written = said.get("TrainAndSample").subList(epochs.size(), epochs.size() + 3).stream()
                .flatMap(sentence -> Stream.of(sentence.split(" "))).toList();
        assertTrue(written.stream().filter(learned::contains).count() >= 0.8 * written.size(), "it writes no words: "
                + said.get("TrainAndSample"));
        assertEquals(epochs.size(), Files.readAllLines(folder.resolve("runs/example").resolve(RunFolder.METRICS))
                .size());
        requireSentencesWithoutLog(run(List.of("-p", library, "--add-modules", "org.charlstm", "-cp", path()),
                List.of("Library", "ToKerasAndBack")));
    }

    @Test
    void aServiceWritesWhatItsClientsAskFor() throws Exception {
        compile(List.of(Path.of("examples", SERVICE + ".java")));
        ModelConfig config = Setup.LAB.sized(8, 1, 8).model(5);
        SavedModel saved = new SavedModel(config, 20, Vocabulary.ofCharacters("abc"),
                InitialWeights.KERAS.weights(config, 7));
        ModelFile.save(folder.resolve("model.safetensors"), saved);
        Process service = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-cp", path(libraryPath()), SERVICE, "model.safetensors", "0")
                .directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader said = service.inputReader(); HttpClient client = HttpClient.newHttpClient()) {
            String line = String.valueOf(said.readLine());
            assertTrue(line.startsWith("serving http://localhost:"), line);
            URI address = URI.create(line.replaceFirst("serving ", ""));
            try (Device device = Devices.open("cpu", new DeviceOptions(1));
                    Model model = new Model(device, saved.weights())) {
                SamplingOptions options = SamplingOptions.DEFAULT.maxLength(20).prime("ab").seed(7);
                String expected = new Sampler(model, saved.requireVocabulary(), options).sentences(1).getFirst();
                assertEquals("200 " + expected + "\n", answer(client, address, "?begin=ab&seed=7"));
            }
            String refused = answer(client, address, "?begin=z");
            assertTrue(refused.matches("400 .*the character U\\+007A 'z' is not in the model's vocabulary.*\n"),
                    refused);
            refused = answer(client, address, "?seed=x");
            assertTrue(refused.startsWith("400 "), refused);
        } finally {
            service.destroyForcibly().waitFor();
        }
    }

    private static String answer(HttpClient client, URI address, String query)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(HttpRequest.newBuilder(URI.create(address + query)).build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    /** The program names no class of a device, and so trains on a GPU as well. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another device")
    void theModelOfOperationsTrainsOnAGpu() throws IOException, InterruptedException {
        compile(List.of(Path.of("examples/OwnModel.java")));
        String program = "OwnModel cudasim";
        requireTrained(run(List.of("--enable-native-access=ALL-UNNAMED", "-cp", path(libraryPath(), simulatedGpu())),
                List.of(program))
                .get(program));
    }

    private static String simulatedGpu() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target", "lib"))) {
            return files.filter(file -> file.toString().contains("charlstm-cudasim")).findFirst().orElseThrow()
                    .toAbsolutePath().toString();
        }
    }

    private static void requireTrained(List<String> lines) {
        assertEquals(5, lines.size(), lines::toString);
        Matcher last = Pattern.compile("update 200: loss (.*), right (.*)").matcher(lines.get(3));
        assertTrue(last.matches() && Double.parseDouble(last.group(1)) < 0.2
                && Double.parseDouble(last.group(2)) > 0.9, lines::toString);
        assertTrue(lines.getLast().startsWith("trained on "), lines::toString);
    }

    /** The program decides where jHDF's log goes: the library brings the API alone. */
    private static void requireSentencesWithoutLog(Map<String, List<String>> said) {
        List<String> lines = said.get("ToKerasAndBack");
        assertTrue(lines.getFirst().startsWith("SLF4J(W): No SLF4J providers were found"), lines::toString);
        assertEquals(3, lines.stream().filter(line -> !line.startsWith("SLF4J(W)")).count(), lines::toString);
    }

    /** The program that the devices' package shows first. */
    private static String smallestUse() throws IOException {
        Matcher snippet = Pattern.compile("\\{@snippet :\n(.*?)\n \\* }\n \\*\n", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("src/kernels/main/java/org/charlstm/device/package-info.java")));
        assertTrue(snippet.find(), "the package shows no program");
        return snippet.group(1).replaceAll("(?m)^ \\* ", "");
    }

    private static String name(Path source) {
        return source.getFileName().toString().replace(".java", "");
    }

    private void compile(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter found = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(found, files, null, List.of("-Xlint:all", "-Werror", "-d", folder.toString(),
                    "-cp", System.getProperty("java.class.path")), null, files.getJavaFileObjectsFromPaths(sources))
                    .call(), found::toString);
        }
    }

    /** The programs' place, what runs them, and more. */
    private String path(String... more) {
        return String.join(File.pathSeparator, Stream.concat(Stream.of(folder.toString(),
                Path.of("target", "cuda", "test-classes").toAbsolutePath().toString()), Stream.of(more)).toList());
    }

    /** The output of each program, line by line. */
    private Map<String, List<String>> run(List<String> flags, List<String> programs)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "--add-modules", "jdk.incubator.vector"));
        command.addAll(flags);
        command.add(Programs.class.getName());
        command.addAll(programs);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        int code = process.waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        LinkedHashMap<String, List<String>> said = new LinkedHashMap<>();
        text.lines().filter(line -> !line.startsWith("WARNING:")).forEach(line -> {
            if (line.startsWith(Programs.MARK)) {
                said.put(line.substring(Programs.MARK.length()), new ArrayList<>());
            } else {
                said.lastEntry().getValue().add(line);
            }
        });
        return said;
    }

    /** All of it is named, and ReadmeTest's programs run with it: no command line's, no log's, no GPU's. */
    @Test
    void onlyWhatTheLibraryNeedsComesAlong() throws Exception {
        // That of the kernels brings the library.
        assertEquals(JARS.stream().filter(jar -> !jar.equals("charlstm-cuda")).collect(Collectors.toSet()), Set.copyOf(
                inPom("dependencies/dependency[not(optional = 'true') and not(scope = 'test')]/artifactId")));
    }

    @Test
    void theReadmeHasItsCoordinates() throws Exception {
        String coordinates = String.format(
                "<groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>",
                inPom("parent/groupId").getFirst(), inPom("artifactId").getFirst(),
                inPom("parent/version").getFirst());
        assertTrue(Files.readString(Path.of("README.md")).contains(coordinates), coordinates);
    }

    private static List<String> inPom(String path) throws Exception {
        Document pom = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
                .parse(Path.of("src", "charlstm", "pom.xml").toFile());
        NodeList found = (NodeList) XPathFactory.newDefaultInstance().newXPath().evaluate("/project/" + path, pom,
                XPathConstants.NODESET);
        return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent()).toList();
    }

    /** Its classes and those jars, as a class path or a module path. */
    private static String libraryPath() throws IOException {
        Map<String, String> jars = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("target", "lib"))) {
            files.forEach(file -> jars.put(file.getFileName().toString().replaceFirst("-[0-9].*", ""),
                    file.toAbsolutePath().toString()));
        }
        jars.keySet().retainAll(JARS);
        if (!jars.keySet().equals(JARS)) {
            throw new AssertionError("of " + JARS + " target/lib has only " + jars.keySet());
        }
        return String.join(File.pathSeparator, Stream.concat(
                Stream.of(Path.of("target", "classes").toAbsolutePath().toString()), jars.values().stream()).toList());
    }
}
