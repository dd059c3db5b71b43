package org.charlstm.device.reference;

import module java.base;
import org.charlstm.device.Draw;
import org.charlstm.device.Matrix;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/**
 * Draws a symbol from each row of logits z (V). The weight of symbol j is exp((z[j] - max) / temperature); its
 * probability is the weight divided by the sum of all weights. Top-k keeps the k most probable symbols; top-p then
 * keeps the fewest of these, the most probable first, whose weights reach the share p of the kept sum. A uniform number
 * u from 0 to below 1 selects among the kept symbols, in the order of their ids, the first symbol at which the
 * cumulative weight exceeds u times the total weight. At temperature 0 the draw is the most probable symbol; a row with
 * a NaN draws -1. The source of top-k is Fan et al., "Hierarchical neural story generation" (2018), and of top-p
 * Holtzman et al., "The curious case of neural text degeneration" (2020).
 */
final class ReferenceDraw {
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

    /** The ids of the symbols that may be drawn, in ascending order. 0.0 - z sorts -0.0 and 0.0 as equal. */
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
