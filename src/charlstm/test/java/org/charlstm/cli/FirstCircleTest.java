package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Sources;
import org.charlstm.device.GpuOptions;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.junit.jupiter.api.Test;

/**
 * The first circle has a test of every command, operation, engine, file format and exported type: something of its
 * tests names it, without those that belong to the second circle.
 */
class FirstCircleTest {
    private static final Pattern SECOND = Pattern.compile("(?m)^( *)@SecondCircle\\(");
    /** How tests name a file of each kind that users have. */
    private static final List<String> FORMATS = List.of("ModelFile", "StateFile", "metrics.jsonl|RunFolder.METRICS",
            "results.csv", "report.html|Report.NAME", ".keras", ".h5", "state_dict|PyTorchImport",
            "run.json|RunFolder.RUN",
            "results.json|Results.read", "\"findings ", "TensorBoard");

    /** Types that tests meet only behind others. */
    private static final Map<String, String> BEHIND = Map.of("NativeLibrary", "CudaInstallation", "StandIn", "Gpus",
            "SimulatedGpuExtension", "@SimulatedGpu", "CorpusRows", "Corpus", "Alphabet", "KerasImport");

    /** The tests' text, without classes and methods of the second circle. */
    private static String first() {
        return Sources.files(Sources.TESTS).stream().filter(file -> file.toString().endsWith("Test.java")
                && !file.endsWith("FirstCircleTest.java")).map(FirstCircleTest::withoutSecond)
                .collect(Collectors.joining("\n"));
    }

    private static String withoutSecond(Path file) {
        try {
            String text = Files.readString(file);
            StringBuilder kept = new StringBuilder();
            int from = 0;
            Matcher second = SECOND.matcher(text);
            while (second.find(from)) {
                // The layout of all code has the end of a body at the depth of its head.
                String end = "\n" + second.group(1) + "}\n";
                kept.append(text, from, second.start());
                from = text.indexOf(end, second.start()) + end.length();
            }
            return kept.append(text.substring(from)).toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> void requireEach(Stream<T> things, Function<T, Pattern> named) {
        String text = first();
        assertEquals(List.of(), things.filter(thing -> !named.apply(thing).matcher(text).find()).toList(),
                "no test of the first circle names these");
    }

    @Test
    void everyCommandIsRun() {
        requireEach(Commands.NAMES.stream(), name -> Pattern.compile("\"" + name + "[\" ]"));
    }

    @Test
    void everyEngineAndAlgorithmRuns() {
        requireEach(Stream.concat(Stream.of(GpuOptions.Engine.values()), Stream.of(GpuOptions.Algorithm.values()))
                .map(Object::toString), name -> Pattern.compile("\"[^\"\n]*\\b" + name + "\\b"));
    }

    @Test
    void everyFileFormatIsWrittenOrRead() {
        requireEach(FORMATS.stream(), name -> Pattern.compile(name.replace(".", "\\.")));
    }

    @Test
    void everyExportedTypeIsUsed() throws IOException, ClassNotFoundException {
        Set<Class<?>> types = exported();
        assertTrue(types.size() > 60, types::toString);
        requireEach(types.stream().map(Class::getSimpleName),
                name -> Pattern.compile("(?<!\\w)" + BEHIND.getOrDefault(name, name) + "\\b"));
    }

    private static Set<Class<?>> exported() throws IOException, ClassNotFoundException {
        Set<Class<?>> types = new LinkedHashSet<>();
        for (Path root : Sources.MAIN) {
            List<MatchResult> rooms = Pattern.compile("exports ([a-z.]+);")
                    .matcher(Files.readString(root.resolve("module-info.java"))).results().toList();
            assertFalse(rooms.isEmpty(), root + " exports nothing");
            for (MatchResult room : rooms) {
                try (Stream<Path> files = Files.list(root.resolve(room.group(1).replace('.', '/')))) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".java")).sorted().toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        if (!name.equals("package-info")) {
                            types.add(Class.forName(room.group(1) + "." + name, false,
                                    FirstCircleTest.class.getClassLoader()));
                        }
                    }
                }
            }
        }
        types.removeIf(type -> !Modifier.isPublic(type.getModifiers()));
        return types;
    }

    /** By OperationsContractTest and ModelsContractTest, which take a case of each check or more, on every device. */
    @Test
    void everyOperationIsHeldToTheOracle() {
        assertTrue(first().contains("Circle.sample(check.cases()"), "the tests of contracts sample in another way");
        List<Check> checks = FewerCases.withoutRepeats(ModelSelfTest.checks(Tolerances.FLOAT32));
        assertEquals(new TreeSet<>(), checks.stream().filter(check -> check.cases().isEmpty()).map(Check::name)
                .collect(Collectors.toCollection(TreeSet::new)));
    }
}
