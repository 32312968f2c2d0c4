package io.mortise.compat.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;

/** A row of ITEM. The database numbers it. */
record Item(@Id @Nullable Integer id, String name) {
    static Item named(String name) {
        return new Item(null, name);
    }
}
