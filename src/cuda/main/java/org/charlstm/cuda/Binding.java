package org.charlstm.cuda;

import java.util.Locale;

/** How NVIDIA's libraries are called. */
public enum Binding {
    /** The first binding that finds the driver and cuBLAS. */
    AUTO,
    /** Through java.lang.foreign. */
    PANAMA,
    /** Through JCuda 12.6, whose jars must be on the class path. */
    JCUDA;

    /** The name as users write it, in lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
