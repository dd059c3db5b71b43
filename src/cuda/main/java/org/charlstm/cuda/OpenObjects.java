package org.charlstm.cuda;

import module java.base;

/** The objects that a program has opened on a GPU and not closed yet. */
final class OpenObjects {
    private static final int MOST_NAMED = 5;

    private final Set<CudaObject> objects = Collections.synchronizedSet(new LinkedHashSet<>());

    void add(CudaObject object) {
        objects.add(object);
    }

    void remove(CudaObject object) {
        objects.remove(object);
    }

    /**
     * Logs the objects left open, and adds their closing to {@code resources}, after the work of their streams. Throws
     * an IllegalStateException if an object is in use; the GPU then stays open.
     */
    void endWith(Cuda gpu, Resources resources) {
        List<CudaObject> left = new ArrayList<>(objects);
        for (CudaObject object : left) {
            try {
                object.withdraw();
            } catch (IllegalStateException e) {
                throw new IllegalStateException("GPU " + gpu.number() + " stays open, since " + e.getMessage(), e);
            }
        }
        if (!left.isEmpty()) {
            // Making a logger takes a tenth of a program's start, so it is made only when needed.
            System.getLogger(Cuda.class.getPackageName()).log(System.Logger.Level.WARNING,
                    "GPU {0} is closed, and with it what nobody closed: {1}",
                    gpu.number(), String.join("; ", left.stream().limit(MOST_NAMED).map(CudaObject::described).toList())
                            + (left.size() > MOST_NAMED ? "; and " + (left.size() - MOST_NAMED) + " more" : ""));
        }
        left.forEach(object -> resources.add(object::close));
        for (CudaObject object : left) {
            if (object instanceof CudaStream stream) {
                resources.add(() -> gpu.context().releaseQuietly(stream::synchronize));
            }
        }
    }
}
