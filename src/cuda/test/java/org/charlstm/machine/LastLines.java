package org.charlstm.machine;

import module java.base;
import org.charlstm.circle.Circle;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says at the end of a run how many tests were skipped for which reason, and what was tried again because another
 * program had failed, a line for each; and by which seed the first circle took its cases.
 */
public final class LastLines implements TestExecutionListener {
    /** The key of a report entry whose value is why a test tried again. */
    public static final String TRIED_AGAIN = "tried again";

    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<String, Long> triedAgain = new TreeMap<>();
    private final PrintStream to;
    private final boolean sampled;
    private TestPlan plan;

    /** On the console. */
    public LastLines() {
        this(System.out, Circle.first());
    }

    LastLines(PrintStream to, boolean sampled) {
        this.to = to;
        this.sampled = sampled;
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
    public synchronized void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        String reason = entry.getKeyValuePairs().get(TRIED_AGAIN);
        if (reason != null) {
            triedAgain.merge(test.getDisplayName() + ": " + reason, 1L, Long::sum);
        }
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan finished) {
        counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(each -> to.println("skipped " + each.getValue()
                        + (each.getValue() == 1 ? " test: " : " tests: ") + each.getKey()));
        triedAgain.forEach((reason, times) -> to.println(TRIED_AGAIN + " " + times
                + (times == 1 ? " time: " : " times: ") + reason));
        if (sampled) {
            to.println("cases were sampled by seed " + Circle.SEED + "; -Dcharlstm.test.seed=" + Circle.SEED
                    + " takes the same ones");
        }
    }
}
