package org.charlstm.machine;

import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says at the end of a run how many tests were skipped for which reason, a line for each. */
public final class SkippedTests implements TestExecutionListener {
    private final Map<String, Long> counts = new TreeMap<>();
    private final PrintStream to;
    private TestPlan plan;

    /** On the console. */
    public SkippedTests() {
        this(System.out);
    }

    SkippedTests(PrintStream to) {
        this.to = to;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    /** A test with parameters counts once: what is skipped has none yet. */
    @Override
    public synchronized void executionSkipped(TestIdentifier skipped, String reason) {
        long leaves = plan.getDescendants(skipped).stream().filter(each -> plan.getChildren(each).isEmpty()).count();
        counts.merge(reason, Math.max(1, leaves), Long::sum);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            String reason = result.getThrowable().map(Throwable::getMessage).orElse("no reason is given");
            counts.merge(reason.replaceFirst("^Assumption failed: ", ""), 1L, Long::sum);
        }
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan finished) {
        counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(each -> to.println("skipped " + each.getValue()
                        + (each.getValue() == 1 ? " test: " : " tests: ") + each.getKey()));
    }
}
