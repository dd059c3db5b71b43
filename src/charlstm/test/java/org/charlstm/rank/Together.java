package org.charlstm.rank;

import module java.base;

/** Ranks that are threads of one process: what is to be seen of several takes no launcher and no library. */
public final class Together {
    private static final int SECONDS = 600;

    private final CyclicBarrier barrier;
    private final List<Object> told;

    private Together(int size) {
        barrier = new CyclicBarrier(size);
        told = new ArrayList<>(Collections.nCopies(size, ""));
    }

    /**
     * Has each rank do the same in a thread of its own.
     *
     * @param size how many
     * @param work what a rank does
     * @return what each gave, by rank
     */
    public static <T> List<T> run(int size, Function<Collective, T> work) {
        Together together = new Together(size);
        try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
            List<Future<T>> ranks = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                Collective each = together.new Rank(rank, size);
                ranks.add(threads.submit(() -> {
                    try {
                        return work.apply(each);
                    } catch (RuntimeException | Error e) {
                        together.barrier.reset();
                        throw e;
                    }
                }));
            }
            List<T> given = new ArrayList<>();
            for (Future<T> rank : ranks) {
                given.add(rank.get(SECONDS, TimeUnit.SECONDS));
            }
            return given;
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** The values that the ranks gave, the same list in all. */
    private List<Object> tell(int rank, Object value) {
        try {
            told.set(rank, value);
            barrier.await(SECONDS, TimeUnit.SECONDS);
            List<Object> all = List.copyOf(told);
            barrier.await(SECONDS, TimeUnit.SECONDS);
            return all;
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("another rank did not come", e);
        }
    }

    private final class Rank implements Collective {
        private final int rank;
        private final int size;

        Rank(int rank, int size) {
            this.rank = rank;
            this.size = size;
        }

        @Override
        public int rank() {
            return rank;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public int localRank() {
            return rank;
        }

        @Override
        public List<String> hosts() {
            return Collections.nCopies(size, "here");
        }

        @Override
        public String carrier() {
            return "threads";
        }

        @Override
        public void sum(MemorySegment floats) {
            float[] sums = floats.toArray(ValueLayout.JAVA_FLOAT);
            List<Object> all = tell(rank, sums.clone());
            for (int i = 0; i < sums.length; i++) {
                sums[i] = ((float[]) all.getFirst())[i];
                for (Object other : all.subList(1, size)) {
                    sums[i] += ((float[]) other)[i];
                }
            }
            floats.copyFrom(MemorySegment.ofArray(sums));
        }

        @Override
        public void sum(double[] values) {
            List<Object> all = tell(rank, values.clone());
            for (int i = 0; i < values.length; i++) {
                values[i] = ((double[]) all.getFirst())[i];
                for (Object other : all.subList(1, size)) {
                    values[i] += ((double[]) other)[i];
                }
            }
        }

        @Override
        public List<byte[]> gatherEqual(byte[] bytes) {
            return tell(rank, bytes).stream().map(each -> ((byte[]) each).clone()).toList();
        }

        @Override
        public void close() {
            barrier();
        }
    }
}
