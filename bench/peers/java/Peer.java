import java.io.BufferedReader;
import java.io.IOException;
import java.io.StreamTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * A peer's arguments and answer: PEER ROWS EPOCHS THREADS HIDDEN BATCH SAMPLED, where ROWS is a file that
 * bench/peers.sh wrote: N, T and V, then the N (T + 1) symbols as charlstm numbers them. SAMPLED is how many symbols
 * one stream draws; each of many draws fewer. Prints one JSON object.
 */
abstract class Peer {
    /** As many streams as charlstm has side by side. */
    static final int STREAMS = 64;
    private static final int FEWER = 8;

    final int epochs;
    final int threads;
    final int hidden;
    final int batch;
    final int captions;
    final int steps;
    final int symbols;
    private final int sampled;
    private final int[] ids;
    private final Random random = new Random(1);

    Peer(String[] arguments) throws IOException {
        epochs = Integer.parseInt(arguments[1]);
        threads = Integer.parseInt(arguments[2]);
        hidden = Integer.parseInt(arguments[3]);
        batch = Integer.parseInt(arguments[4]);
        sampled = Integer.parseInt(arguments[5]);
        try (BufferedReader reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            StreamTokenizer numbers = new StreamTokenizer(reader);
            captions = next(numbers);
            steps = next(numbers);
            symbols = next(numbers);
            ids = new int[captions * (steps + 1)];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = next(numbers);
            }
        }
    }

    private static int next(StreamTokenizer numbers) throws IOException {
        if (numbers.nextToken() != StreamTokenizer.TT_NUMBER) {
            throw new IOException("the file of rows ends early");
        }
        return (int) numbers.nval;
    }

    /** Symbol t of a caption: input of step t, target of the step before. */
    final int id(int caption, int t) {
        return ids[caption * (steps + 1) + t];
    }

    /** Versions of what computes, for people. */
    abstract String version() throws IOException;

    /** Trains on some captions; their mean loss a symbol before the update. */
    abstract double step(int[] chosen) throws Exception;

    /** Forgets what the streams have seen. */
    abstract void begin(int streams) throws Exception;

    /** Feeds a symbol to each stream; the probabilities of the next, one stream's V after another's. */
    abstract float[] next(int[] fed) throws Exception;

    final void run() throws Exception {
        double[] seconds = new double[epochs];
        double[] losses = new double[epochs];
        int[] order = new int[captions];
        for (int epoch = 0; epoch < epochs; epoch++) {
            long start = System.nanoTime();
            for (int i = 0; i < captions; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            for (int from = 0; from < captions; from += batch) {
                int[] chosen = Arrays.copyOfRange(order, from, Math.min(from + batch, captions));
                losses[epoch] += step(chosen) * chosen.length / captions;
            }
            seconds[epoch] = (System.nanoTime() - start) * 1e-9;
        }
        double one = sample(1, sampled);
        double many = sample(STREAMS, Math.max(1, sampled / FEWER));
        System.out.printf("{\"version\": \"%s\", \"seconds\": %s, \"losses\": %s, ", version(),
                Arrays.toString(seconds), Arrays.toString(losses));
        System.out.printf("\"sampling\": {\"1\": %s, \"%d\": %s}}%n", one, STREAMS, many);
        System.exit(0);
    }

    /** Characters a second; what warms the code up is not counted. */
    private double sample(int streams, int count) throws Exception {
        draw(streams, count / FEWER);
        return (double) streams * count / draw(streams, count);
    }

    private double draw(int streams, int count) throws Exception {
        begin(streams);
        int[] fed = new int[streams];
        // The start symbol is the last but one.
        Arrays.fill(fed, symbols - 2);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            float[] probabilities = next(fed);
            for (int s = 0; s < streams; s++) {
                double rest = random.nextDouble() - probabilities[s * symbols];
                int symbol = 0;
                while (rest >= 0 && symbol < symbols - 1) {
                    symbol++;
                    rest -= probabilities[s * symbols + symbol];
                }
                fed[s] = symbol;
            }
        }
        return (System.nanoTime() - start) * 1e-9;
    }
}
