package org.charlstm.device.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.device.Draw;
import org.charlstm.device.Matrix;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Drawing from a distribution in plain loops. */
final class ReferenceDraw {
    private ReferenceDraw() {
    }

    static void run(Matrix logits, Draw draw, long seed, int[] sentences, int position, int[] drawn) {
        int symbols = logits.columns();
        double temperature = draw.temperature();
        double[] z = ReferenceMatrix.of(logits);
        for (int m = 0; m < logits.rows(); m++) {
            int best = 0;
            boolean nan = false;
            for (int j = 0; j < symbols; j++) {
                nan |= Double.isNaN(z[m * symbols + j]);
                best = z[m * symbols + j] > z[m * symbols + best] ? j : best;
            }
            if (nan) {
                drawn[m] = -1;
            } else if (temperature == 0) {
                drawn[m] = best;
            } else {
                double max = z[m * symbols + best];
                double[] shares = new double[symbols];
                for (int j = 0; j < symbols; j++) {
                    shares[j] = Math.exp((z[m * symbols + j] - max) / temperature);
                }
                List<Integer> kept = kept(shares, Arrays.copyOfRange(z, m * symbols, (m + 1) * symbols), draw);
                double rest = Philox.uniform(seed, Purpose.SAMPLE, sentences[m], position) * sum(shares, kept);
                int at = 0;
                rest -= shares[kept.get(at)];
                while (rest >= 0 && at < kept.size() - 1) {
                    at++;
                    rest -= shares[kept.get(at)];
                }
                drawn[m] = kept.get(at);
            }
        }
    }

    /** The symbols that may be drawn, by id. A zero is a zero, whatever its sign. */
    private static List<Integer> kept(double[] shares, double[] z, Draw draw) {
        List<Integer> kept = IntStream.range(0, z.length).boxed()
                .sorted(Comparator.comparingDouble((Integer j) -> 0.0 - z[j])).limit(draw.topK()).toList();
        if (draw.topP() < 1) {
            double goal = draw.topP() * sum(shares, kept.stream().sorted().toList());
            int count = 1;
            double sum = shares[kept.getFirst()];
            while (sum < goal && count < kept.size()) {
                sum += shares[kept.get(count)];
                count++;
            }
            kept = kept.subList(0, count);
        }
        return kept.stream().sorted().toList();
    }

    private static double sum(double[] shares, List<Integer> of) {
        double sum = 0;
        for (int j : of) {
            sum += shares[j];
        }
        return sum;
    }
}
