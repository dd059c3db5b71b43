package org.charlstm.cuda;

import java.util.Locale;

/** How NVIDIA's libraries are called. */
public enum Binding {
    /** The first that finds the driver and cuBLAS. */
    AUTO,
    /** Through java.lang.foreign. */
    PANAMA,
    /** Through JCuda 12.6, whose jars have to be on the class path. */
    JCUDA;

    /** As users write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
