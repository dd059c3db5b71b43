package org.charlstm.cuda;

/** CUDA's versions, which its libraries give as 1000 x major + 10 x minor. */
public final class CudaVersion {
    private CudaVersion() {
    }

    /**
     * A version as people write it.
     *
     * @param version for example 13000
     * @return for example 13.0
     */
    public static String text(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }
}
