-- MySQL dump 10.13  Distrib 8.0.33, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS `Customers`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `Customers` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `e-mail` varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'where the bill goes; "always"',
  `gender` enum('m','f','it''s open') DEFAULT 'm',
  `flags` set('vip','late') NOT NULL DEFAULT '',
  `born` year DEFAULT NULL,
  `active` tinyint(1) NOT NULL DEFAULT '1',
  `level` tinyint unsigned NOT NULL DEFAULT '3',
  `code` int(8) unsigned zerofill DEFAULT NULL,
  `balance` decimal(10,2) unsigned NOT NULL DEFAULT '0.00',
  `rating` float DEFAULT NULL,
  `mask` bit(8) DEFAULT b'0',
  `optin` bit(1) NOT NULL DEFAULT b'1',
  `notes` mediumtext,
  `place` point DEFAULT NULL,
  `extra` json DEFAULT NULL,
  `hash` char(32) DEFAULT NULL,
  `avatar` longblob,
  `full_name` varchar(100) GENERATED ALWAYS AS (concat(`gender`,_utf8mb4' ',`born`)) VIRTUAL,
  `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY `mail` (`e-mail`),
  KEY `born` (`born`),
  KEY `beginning` (`e-mail`(10)),
  FULLTEXT KEY `words` (`notes`),
  CONSTRAINT `level_check` CHECK ((`level` between 0 and 9))
) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='Who buys';

LOCK TABLES `Customers` WRITE;
/*!40000 ALTER TABLE `Customers` DISABLE KEYS */;
INSERT INTO `Customers` VALUES (1,'a@b.c;','it\'s; CREATE TABLE x (id int);',NULL);
/*!40000 ALTER TABLE `Customers` ENABLE KEYS */;
UNLOCK TABLES;

CREATE TABLE `order` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `customer_id` int unsigned DEFAULT NULL,
  `parent_id` bigint unsigned DEFAULT NULL,
  `total` double NOT NULL DEFAULT '0',
  `state` varchar(20) NOT NULL DEFAULT 'new',
  `due` datetime(3) DEFAULT '2024-01-01 00:00:00.000',
  `zero` datetime DEFAULT '0000-00-00 00:00:00',
  `seen` datetime DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  KEY `customer_id` (`customer_id`),
  CONSTRAINT `order_ibfk_1` FOREIGN KEY (`customer_id`) REFERENCES `Customers` (`id`) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT `order_ibfk_2` FOREIGN KEY (`parent_id`) REFERENCES `order` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
/*!50100 PARTITION BY HASH (`id`)
PARTITIONS 4 */;

CREATE TABLE `log` (
  `line` text NOT NULL,
  `at` datetime DEFAULT NULL,
  KEY `at` (`at`)
) ENGINE=MyISAM;

DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `order_after` AFTER INSERT ON `order` FOR EACH ROW BEGIN
  INSERT INTO log VALUES ('x', now());
END */;;
DELIMITER ;

/*!50001 CREATE VIEW `late_orders` AS SELECT 1 AS `id`*/;
