package org.charlstm.cudasim.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs tests of JUnit on the simulated GPU, and fails each for what the simulated GPU finds while it runs. A parameter
 * of type {@link org.charlstm.cuda.Cuda} is a GPU of the test's own, closed after it. {@code Cuda.open()} opens the
 * simulated GPU, too, and JCuda and other libraries that load {@code libcuda.so.1} after the test began find it. A
 * setting that the simulated GPU does not know fails the test.
 *
 * <p>On a class it is for each of its tests; on a method it takes the class's place. Such tests run one after another,
 * since the settings are the process's.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(SimulatedGpuExtension.class)
@ResourceLock("org.charlstm.cudasim")
public @interface SimulatedGpu {
    /** How bad a finding is. */
    enum Grade {
        /** True of every card: the launch ends. */
        ERROR,
        /** Wrong by CUDA's rules, though no outcome differs. */
        WARNING,
        /** Worth a look. */
        NOTE
    }

    /**
     * In how many orders of blocks and threads a launch runs: {@code all}, {@code one}, {@code lockstep} alone, or a
     * number of launches of each kernel that run in all orders. Empty leaves it to the environment's
     * {@code CHARLSTM_SIM_ORDERS}.
     */
    String orders() default "";

    /** The compute capability, such as 80 for 8.0; 0 leaves it to the environment. */
    int capability() default 0;

    /**
     * Faults, such as {@code oom:3} for a third allocation that fails; see {@code CHARLSTM_SIM_FAULTS}. The GPU of a
     * parameter is opened before they begin.
     */
    String faults() default "";

    /** Whether work waits in its stream until the program waits for it: a wait that is missing shows. */
    boolean deferred() default false;

    /** Seconds that a launch may take; 0 for no end. */
    double seconds() default 0;

    /** The mildest grade that fails a test. */
    Grade failsOn() default Grade.WARNING;

    /**
     * Kinds of findings, such as {@code race}, that the test is there to see: each must come, and fails nothing.
     */
    String[] finds() default {};
}
