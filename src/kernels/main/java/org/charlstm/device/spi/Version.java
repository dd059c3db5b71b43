package org.charlstm.device.spi;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** Finds the version of a module of charlstm. */
public final class Version {
    /** The version in the jar of a class; {@code development} if there is none. */
    public static String of(Class<?> type) {
        return Optional.ofNullable(type.getModule().getDescriptor()).flatMap(ModuleDescriptor::rawVersion)
                .or(() -> Optional.ofNullable(type.getPackage().getImplementationVersion())).orElse("development");
    }
}
