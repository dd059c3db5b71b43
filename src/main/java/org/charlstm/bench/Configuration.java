package org.charlstm.bench;

import java.util.Locale;

/**
 * One point of a grid: what is trained, and on what.
 *
 * @param device    the device's name, for example {@code cpu} or {@code cuda:1}
 * @param precision the name of a {@link org.charlstm.device.Precision}
 * @param threads   host threads that compute; 0 where they make no difference
 * @param batchSize captions in a step
 * @param hidden    LSTM units of a layer
 * @param layers    LSTM layers
 * @param dense     units of the middle layer, or 0 for none
 */
public record Configuration(String device, String precision, int threads, int batchSize, int hidden, int layers,
        int dense) {
    /**
     * The device as it is set up.
     *
     * @return the part that says so
     */
    public Setup setup() {
        return new Setup(device, precision, threads);
    }

    /**
     * All of it on one line.
     *
     * @return for people
     */
    public String label() {
        return String.format(Locale.ROOT, "%s %s%s, batch %d, hidden %d, layers %d, dense %d", device, precision,
                threads == 0 ? "" : ", threads " + threads, batchSize, hidden, layers, dense);
    }
}
