package io.mortise.compat.spring;

import java.util.List;
import org.springframework.data.repository.CrudRepository;

/** Spring Data makes the class. */
interface Items extends CrudRepository<Item, Integer> {
    List<Item> findByNameStartingWithOrderByNameDesc(String start);
}
