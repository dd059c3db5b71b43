package org.charlstm.cudasim.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs JUnit tests on the simulated GPU, and fails a test for the simulated GPU's findings. A parameter of type {@link
 * org.charlstm.cuda.Cuda} is a GPU of the test's own, closed after the test. {@code Cuda.open()} opens the simulated
 * GPU, too. JCuda and other libraries that load {@code libcuda.so.1} after the test's beginning also get the simulated
 * GPU. A setting that the simulated GPU does not know fails the test.
 *
 * <p>On a class the annotation holds for each test; on a method it replaces the class's annotation. Annotated tests run
 * one after another, since the settings belong to the process.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(SimulatedGpuExtension.class)
@ResourceLock("org.charlstm.cudasim")
public @interface SimulatedGpu {
    /** The severity of a finding. */
    enum Grade {
        /** A fault on every card; it ends the launch. */
        ERROR,
        /** A breach of CUDA's rules, though the result is the same. */
        WARNING,
        /** A finding worth a look. */
        NOTE
    }

    /**
     * The orders of blocks and threads in which a launch runs: {@code all}, {@code one}, only {@code lockstep}, or the
     * number of launches of each kernel that run in all orders. Empty takes the environment's
     * {@code CHARLSTM_SIM_ORDERS}.
     */
    String orders() default "";

    /** The compute capability, such as 80 for 8.0; 0 takes the environment's. */
    int capability() default 0;

    /**
     * Faults to inject, such as {@code oom:3}, which fails the third allocation; see {@code CHARLSTM_SIM_FAULTS}. The
     * GPU of a parameter is opened before faults begin.
     */
    String faults() default "";

    /** Whether enqueued work runs only when the program waits for it, which reveals missing waits. */
    boolean deferred() default false;

    /** The most seconds of a launch; 0 for no limit. */
    double seconds() default 0;

    /** The mildest grade that fails a test. */
    Grade failsOn() default Grade.WARNING;

    /**
     * Kinds of findings, such as {@code race}, that the test expects: each must occur, and does not fail the test.
     */
    String[] finds() default {};
}
