package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import module java.base;
import org.charlstm.circle.Circle;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * A class of tests in a JVM of its own, and so on a simulated GPU of its own, beside the tests of this JVM. Most of its
 * work is the simulated GPU's: compilers and collectors of Java that want threads of their own would not pay.
 */
final class OwnJvm {
    private OwnJvm() {
    }

    /** Fails with what failed there, or if nothing ran. */
    static void run(Class<?> tests, Path folder) throws IOException, InterruptedException {
        run(tests, folder, Map.of());
    }

    /** The same with more in the environment, and a cache of its own: what broke there is not left out here. */
    static void run(Class<?> tests, Path folder, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + Circle.PROPERTY + "=" + (Circle.first() ? "first" : "all"),
                "-Dcharlstm.test.seed=" + Circle.SEED, "-cp", System.getProperty("java.class.path"),
                OwnJvm.class.getName(), tests.getName())
                .redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("CHARLSTM_CACHE", folder.resolve("cache").toString());
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        assertEquals(0, code, () -> {
            try {
                return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    /** Runs the tests of a class. */
    public static void main(String[] name) throws ClassNotFoundException {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Class.forName(name[0])))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false").build();
        LauncherFactory.create(LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build())
                .execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 20);
        boolean passed = summary.getTotalFailureCount() == 0
                && summary.getTestsSucceededCount() + summary.getTestsAbortedCount() > 0;
        System.exit(passed ? 0 : 1);
    }
}
