package org.charlstm.machine;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says at the end of a run how many tests were skipped for which reason, a line for each. */
public final class SkippedTests implements TestExecutionListener {
    private final Map<String, Long> counts = new TreeMap<>();
    private TestPlan plan;

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
        if (!counts.isEmpty()) {
            System.out.println(summary());
        }
    }

    String summary() {
        return counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(each -> "skipped " + each.getValue() + (each.getValue() == 1 ? " test: " : " tests: ")
                        + each.getKey())
                .collect(Collectors.joining("\n"));
    }
}
