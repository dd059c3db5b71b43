package org.charlstm.device.host;

/** The four figures of {@link org.charlstm.device.Operations#clip} on the host. */
public final class GradientNorms {
    private GradientNorms() {
    }

    /**
     * Adds an update's norm.
     *
     * @param norm  the norm, which may be NaN or infinite
     */
    public static void add(double[] norms, double norm) {
        norms[0] = norm;
        norms[2]++;
        if (Double.isFinite(norm)) {
            norms[1] = Math.max(norms[1], norm);
        } else if (norms[3] == 0) {
            norms[3] = norms[2];
        }
    }
}
