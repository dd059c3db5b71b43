package org.charlstm.cuda;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A GPU's primary context, its stream, on which work runs in order, and a second stream for work beside that. */
public final class CudaContext implements AutoCloseable {
    /** The context that is current on each thread: a process may hold several GPUs. */
    private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

    /** The greatest priority: time steps, which wait for one another, must not wait for the work beside them, too. */
    private static final int FIRST = Integer.MIN_VALUE;

    private final CudaDriver driver;
    private final int device;
    private final long context;
    private final long main;
    private final long side;
    /** Events at which the side stream waits for the main one, and the main one for the side. */
    private final long forked;
    private final long joined;
    private long stream;
    private final Resources resources = new Resources();
    private final Map<String, Long> memoryUse = new HashMap<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private long used;
    private long peak;
    private boolean overlap = true;
    private boolean open = true;

    /** Opens the GPU of a number, from 0. */
    public CudaContext(CudaDriver driver, int ordinal) {
        this.driver = driver;
        device = driver.device(ordinal);
        try {
            context = driver.retainContext(device);
            resources.add(() -> driver.releaseContext(device));
            makeCurrent();
            main = driver.createStream(FIRST);
            resources.add(() -> driver.destroyStream(main));
            side = driver.createStream(0);
            resources.add(() -> driver.destroyStream(side));
            forked = driver.createEvent(CudaDriver.DISABLE_TIMING);
            resources.add(() -> driver.destroyEvent(forked));
            joined = driver.createEvent(CudaDriver.DISABLE_TIMING);
            resources.add(() -> driver.destroyEvent(joined));
            stream = main;
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** The driver, with this context current on the calling thread. */
    public CudaDriver driver() {
        if (!open) {
            throw new IllegalStateException("the device is closed");
        }
        if (CURRENT.get() != this) {
            makeCurrent();
        }
        return driver;
    }

    private void makeCurrent() {
        driver.makeCurrent(context);
        CURRENT.set(this);
    }

    public int device() {
        return device;
    }

    /** The stream of the work that is called now. */
    public long stream() {
        return stream;
    }

    /** Whether work can run beside other work. */
    public boolean overlaps() {
        return overlap;
    }

    /** Keeps everything on one stream from now on. */
    public void keepInOrder() {
        overlap = false;
    }

    /** Whether the work that is called now runs beside the rest. */
    public boolean isBeside() {
        return stream != main;
    }

    /**
     * Runs work after all work so far, and beside the work after it up to {@link #join}; several such calls run in
     * order. A graph that is being recorded takes it in.
     */
    public void beside(Runnable work) {
        if (!overlap) {
            work.run();
            return;
        }
        driver().recordEvent(forked, main);
        driver.waitFor(side, forked);
        stream = side;
        try {
            work.run();
        } finally {
            stream = main;
        }
    }

    /** Lets the work after this wait for all work beside. */
    public void join() {
        if (!overlap) {
            return;
        }
        driver().recordEvent(joined, side);
        driver.waitFor(main, joined);
    }

    /** Counts memory that was allocated, or freed if negative. */
    public void count(String purpose, long bytes) {
        memoryUse.merge(purpose, bytes, Long::sum);
        used += bytes;
        peak = Math.max(peak, used);
    }

    /** The most bytes that were allocated at once. */
    public long peakMemory() {
        return peak;
    }

    /** Bytes by purpose, the most first. */
    public Map<String, Long> memoryUse() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        memoryUse.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** Keeps a warning for the user, once. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    /** The warnings, in order. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Waits until all work so far is done. */
    public void synchronize() {
        driver().synchronize(main);
        // After a failure work beside may not have been joined.
        driver().synchronize(side);
    }

    /** After a failure that another way may replace: throws it if it broke the context, which ends all work. */
    public void requireAfter(CudaException failure) {
        try {
            synchronize();
        } catch (CudaException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }

    /** Compute capability, for example 90. */
    public int capability() {
        return capability(driver, device);
    }

    /** How many multiprocessors the GPU has. */
    public int multiprocessors() {
        return driver().attribute(CudaDriver.MULTIPROCESSORS, device);
    }

    /** The most shared memory that a block may have, in bytes. */
    public int sharedMemory() {
        return driver().attribute(CudaDriver.SHARED_MEMORY_OPT_IN, device);
    }

    /** A compute capability as people write it, for example 9.0 for 90. */
    public static String capabilityText(int capability) {
        return capability / 10 + "." + capability % 10;
    }

    /** Compute capability of a device, which need not be open. */
    public static int capability(CudaDriver driver, int device) {
        return 10 * driver.attribute(CudaDriver.COMPUTE_CAPABILITY_MAJOR, device)
                + driver.attribute(CudaDriver.COMPUTE_CAPABILITY_MINOR, device);
    }

    @Override
    public void close() {
        // Makes the context current first; if that fails, the rest is released all the same.
        resources.add(this::driver);
        try {
            resources.close();
        } finally {
            open = false;
            CURRENT.remove();
        }
    }
}
