package org.charlstm.cudasim.junit;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaOptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Sets the simulated GPU before a test as {@link SimulatedGpu} asks, and fails the test for its findings. */
public final class SimulatedGpuExtension
        implements
            BeforeEachCallback,
            BeforeTestExecutionCallback,
            AfterEachCallback,
            ParameterResolver {
    private static final Namespace OWN = Namespace.create(SimulatedGpuExtension.class);

    /** GPUs that tests were given; closed by JUnit after the extension has looked at the findings. */
    private record Opened(Cuda gpu) implements AutoCloseable {
        @Override
        public void close() {
            gpu.close();
        }
    }

    /** For JUnit. */
    public SimulatedGpuExtension() {
    }

    private static SimulatedGpu asked(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getElement(), SimulatedGpu.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), SimulatedGpu.class,
                        context.getEnclosingTestClasses()))
                .orElseThrow(() -> new IllegalStateException("the extension is registered by @SimulatedGpu alone"));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        SimulatedGpu asked = asked(context);
        SimulatedDriver driver = SimulatedDriver.loaded();
        driver.set("CHARLSTM_SIM_ORDERS", asked.orders());
        driver.set("CHARLSTM_SIM_CAPABILITY", asked.capability() == 0 ? "" : String.valueOf(10 * asked.capability()));
        driver.set("CHARLSTM_SIM_STREAMS", asked.deferred() ? "deferred" : "");
        driver.set("CHARLSTM_SIM_SECONDS", asked.seconds() == 0 ? "" : String.valueOf(asked.seconds()));
        driver.init();
        driver.findings();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cuda.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Opened opened = new Opened(Cuda.open(CudaOptions.SIMULATED));
        context.getStore(OWN).put(opened, opened);
        return opened.gpu;
    }

    /** Faults count from here on. */
    @Override
    public void beforeTestExecution(ExtensionContext context) {
        SimulatedDriver driver = SimulatedDriver.loaded();
        driver.set("CHARLSTM_SIM_FAULTS", asked(context).faults());
        driver.init();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        SimulatedGpu asked = asked(context);
        SimulatedDriver driver = SimulatedDriver.loaded();
        driver.restore();
        List<String> failing = new ArrayList<>();
        Set<String> missing = new LinkedHashSet<>(List.of(asked.finds()));
        Set<String> wanted = Set.copyOf(missing);
        for (SimulatedDriver.Finding finding : driver.findings()) {
            missing.remove(finding.kind());
            if (!wanted.contains(finding.kind()) && finding.grade().compareTo(asked.failsOn()) <= 0) {
                failing.add(finding.text());
            }
        }
        if (!failing.isEmpty()) {
            throw new AssertionError(String.join("\n", failing));
        }
        if (!missing.isEmpty()) {
            throw new AssertionError("the simulated GPU did not find " + String.join(", ", missing));
        }
    }
}
