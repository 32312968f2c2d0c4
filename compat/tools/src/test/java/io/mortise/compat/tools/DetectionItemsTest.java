package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.baomidou.mybatisplus.annotation.DbType;
import com.baomidou.mybatisplus.annotation.IdType;
import com.baomidou.mybatisplus.annotation.TableId;
import com.baomidou.mybatisplus.annotation.TableName;
import com.baomidou.mybatisplus.core.MybatisConfiguration;
import com.baomidou.mybatisplus.core.MybatisSqlSessionFactoryBuilder;
import com.baomidou.mybatisplus.core.mapper.BaseMapper;
import com.baomidou.mybatisplus.extension.toolkit.JdbcUtils;
import com.github.pagehelper.PageHelper;
import com.github.pagehelper.PageInterceptor;
import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.WorksWith;
import java.util.List;
import java.util.Properties;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.mapping.VendorDatabaseIdProvider;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransaction;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.tools.jdbc.JDBCUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mappers, which must find out for themselves that the database speaks H2's SQL. */
@WorksWith(client = "jOOQ", from = DSLContext.class, tried = "the dialect it finds; queries")
@WorksWith(client = "MyBatis", from = SqlSession.class, tried = "the vendor it finds; a mapper")
@WorksWith(client = "MyBatis-Plus", from = JdbcUtils.class, tried = "the database it finds; its own statements")
@WorksWith(client = "PageHelper", from = PageInterceptor.class, tried = "pages of a mapper's query")
@Timeout(120)
final class DetectionItemsTest {
    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
        database.run("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        database.run("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5)");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    @DisplayName("58 jOOQ speaks H2")
    void jooqSpeaksH2() {
        assertThat(JDBCUtils.dialect(database.keeper())).isEqualTo(SQLDialect.H2);

        DSLContext jooq = DSL.using(database.keeper());
        assertThat(jooq.fetchCount(DSL.table("T"))).isEqualTo(5);
        assertThat(jooq.select(DSL.field("ID", Integer.class))
                        .from("T")
                        .orderBy(DSL.field("ID"))
                        .limit(1)
                        .offset(2)
                        .fetchOne(0, int.class))
                .isEqualTo(3);
    }

    /** What MyBatis makes a class of. */
    interface Rows {
        @Insert("INSERT INTO T VALUES (#{id}, #{id})")
        int insert(int id);

        @Select("SELECT ID FROM T ORDER BY ID")
        List<Integer> ids();
    }

    private SqlSessionFactory myBatis(PageInterceptor... plugins) {
        Configuration configuration =
                new Configuration(new Environment("test", new JdbcTransactionFactory(), database.dataSource("")));
        configuration.addMapper(Rows.class);
        for (PageInterceptor plugin : plugins) {
            configuration.addInterceptor(plugin);
        }
        return new SqlSessionFactoryBuilder().build(configuration);
    }

    @Test
    @DisplayName("58 MyBatis takes the database for H2, and maps")
    void myBatisMaps() throws Exception {
        Properties ids = new Properties();
        ids.setProperty("H2", "h2");
        VendorDatabaseIdProvider provider = new VendorDatabaseIdProvider();
        provider.setProperties(ids);
        assertThat(provider.getDatabaseId(database.dataSource(""))).isEqualTo("h2");

        try (SqlSession session = myBatis().openSession()) {
            Rows rows = session.getMapper(Rows.class);
            assertThat(rows.insert(6)).isEqualTo(1);
            assertThat(rows.ids()).containsExactly(1, 2, 3, 4, 5, 6);
            session.rollback();
            assertThat(rows.ids()).hasSize(5);
        }
    }

    /** A row, as MyBatis-Plus reads it. */
    @TableName("T")
    static class Row {
        @TableId(type = IdType.INPUT)
        private Integer id = 0;

        private Integer v = 0;

        static Row of(int id, int v) {
            Row row = new Row();
            row.id = id;
            row.v = v;
            return row;
        }
    }

    /** Its statements come with the interface. */
    interface RowMapper extends BaseMapper<Row> {}

    @Test
    @DisplayName("58 MyBatis-Plus takes the database for H2, and its own statements work")
    void myBatisPlusTakesUsForH2() {
        MybatisConfiguration configuration = new MybatisConfiguration(
                new Environment("test", new JdbcTransactionFactory(), database.dataSource("")));
        assertThat(JdbcUtils.getDbType(configuration.newExecutor(new JdbcTransaction(database.keeper()))))
                .isEqualTo(DbType.H2);
        configuration.addMapper(RowMapper.class);
        try (SqlSession session =
                new MybatisSqlSessionFactoryBuilder().build(configuration).openSession()) {
            RowMapper rows = session.getMapper(RowMapper.class);

            assertThat(rows.insert(Row.of(6, 60))).isEqualTo(1);
            assertThat(rows.updateById(Row.of(6, 61))).isEqualTo(1);
            assertThat(rows.selectById(6).v).isEqualTo(61);
            assertThat(rows.deleteById(6)).isEqualTo(1);
            session.rollback();
        }
    }

    @Test
    @DisplayName("58 PageHelper pages as H2 does")
    void pageHelperPages() {
        PageInterceptor pages = new PageInterceptor();
        pages.setProperties(new Properties());
        try (SqlSession session = myBatis(pages).openSession()) {
            Rows rows = session.getMapper(Rows.class);

            assertThat(PageHelper.<Integer>startPage(2, 2).doSelectPage(rows::ids))
                    .containsExactly(3, 4);
        }
    }
}
