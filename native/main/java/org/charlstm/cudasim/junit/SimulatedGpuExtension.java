package org.charlstm.cudasim.junit;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Configures the simulated GPU for a test by {@link SimulatedGpu}, and fails the test for the GPU's findings. */
public final class SimulatedGpuExtension
        implements
            BeforeAllCallback,
            BeforeEachCallback,
            BeforeTestExecutionCallback,
            AfterEachCallback,
            ParameterResolver {
    private static final Namespace OWN = Namespace.create(SimulatedGpuExtension.class);
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";
    private static final String ORDERS = "CHARLSTM_SIM_ORDERS";
    private static final String CAPABILITY = "CHARLSTM_SIM_CAPABILITY";
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final String SECONDS = "CHARLSTM_SIM_SECONDS";

    /** The GPUs of a test; JUnit closes the GPUs of a class. */
    private static final class Opened implements AutoCloseable {
        private final List<Cuda> gpus = new ArrayList<>();

        @Override
        public void close() {
            gpus.reversed().forEach(Cuda::close);
        }
    }

    /** Makes {@code Cuda.open()} open the simulated GPU until a class or a test ends. */
    private record Chosen(@Nullable String before) implements AutoCloseable {
        static Chosen simulated() {
            return new Chosen(System.setProperty(CudaOptions.GPU_PROPERTY, "simulated"));
        }

        @Override
        public void close() {
            if (before == null) {
                System.clearProperty(CudaOptions.GPU_PROPERTY);
            } else {
                System.setProperty(CudaOptions.GPU_PROPERTY, before);
            }
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
    public void beforeAll(ExtensionContext context) {
        choose(context);
    }

    private static void choose(ExtensionContext context) {
        context.getStore(OWN).put(Chosen.class, Chosen.simulated());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        choose(context);
        SimulatedGpu asked = asked(context);
        SimulatedDriver driver = SimulatedDriver.loaded();
        requireKinds(driver, asked.finds());
        driver.set(ORDERS, asked.orders());
        driver.set(CAPABILITY, asked.capability() == 0 ? "" : String.valueOf(10 * asked.capability()));
        driver.set(STREAMS, asked.deferred() ? "deferred" : "");
        driver.set(SECONDS, asked.seconds() == 0 ? "" : String.valueOf(asked.seconds()));
        read(driver);
        driver.findings();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cuda.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Store store = context.getStore(OWN);
        Opened opened = store.get(context.getUniqueId(), Opened.class);
        if (opened == null) {
            opened = new Opened();
            store.put(context.getUniqueId(), opened);
        }
        Cuda gpu = Cuda.open(CudaOptions.SIMULATED);
        opened.gpus.add(gpu);
        return gpu;
    }

    /** Begins to inject faults. */
    @Override
    public void beforeTestExecution(ExtensionContext context) {
        SimulatedDriver driver = SimulatedDriver.loaded();
        driver.set(FAULTS, asked(context).faults());
        read(driver);
    }

    private static void requireKinds(SimulatedDriver driver, String... finds) {
        List<String> kinds = driver.kinds();
        for (String each : finds) {
            if (!kinds.contains(each)) {
                throw new ExtensionConfigurationException("@SimulatedGpu(finds = \"" + each + "\") is no kind of "
                        + "finding; there are " + String.join(", ", kinds));
            }
        }
    }

    /** Makes the driver read its settings, and fails the test for refused settings. */
    private static void read(SimulatedDriver driver) {
        driver.init();
        List<String> refused = driver.refused();
        if (!refused.isEmpty()) {
            throw new ExtensionConfigurationException("@SimulatedGpu or the environment: "
                    + String.join("; ", refused));
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        SimulatedDriver driver = SimulatedDriver.loaded();
        driver.set(FAULTS, "");
        driver.init();
        RuntimeException failed = closed(context);
        List.of(ORDERS, CAPABILITY, STREAMS, SECONDS).forEach(setting -> driver.set(setting, ""));
        driver.init();
        List<SimulatedDriver.Finding> findings = driver.findings();
        judge(asked(context), findings);
        boolean explained = failed instanceof CudaException
                && findings.stream().anyMatch(each -> each.grade() == SimulatedGpu.Grade.ERROR);
        if (failed != null && !explained) {
            throw failed;
        }
    }

    /** Closes a test's GPUs, which runs work left in streams; returns the failure, or null. */
    private static @Nullable RuntimeException closed(ExtensionContext context) {
        Opened opened = context.getStore(OWN).get(context.getUniqueId(), Opened.class);
        try {
            if (opened != null) {
                opened.close();
            }
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static void judge(SimulatedGpu asked, List<SimulatedDriver.Finding> findings) {
        List<String> failing = new ArrayList<>();
        Set<String> missing = new LinkedHashSet<>(List.of(asked.finds()));
        Set<String> wanted = Set.copyOf(missing);
        for (SimulatedDriver.Finding finding : findings) {
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
